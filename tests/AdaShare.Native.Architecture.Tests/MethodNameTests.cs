using AdaShare.Native.Architecture.Tests.Reading;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Methods;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace AdaShare.Native.Architecture.Tests;

/// <summary>Learning names no method: one more is a folder and a line in the registry, and nothing else changes.</summary>
public sealed class MethodNameTests
{
    [Test]
    public void Learning_has_no_text_that_names_a_method() =>
        Assert.That(Texts(Rooms.All["Learning"]).Where(static text => MethodRegistry.All.Any(method => Names(text.Text, method))).Select(static text => $"{text.Member}: \"{text.Text}\""), Is.Empty);

    [Test]
    public void Learning_has_no_type_of_Methods() =>
        Assert.That(Rooms.All["Learning"].GetTypeReferences().Where(static type => type.FullName.StartsWith("AdaShare.Native.Methods.", StringComparison.Ordinal)).Select(static type => type.FullName), Is.Empty);

    [Test]
    public void A_text_that_names_a_method_is_found()
    {
        string[] found = [.. Texts(Rooms.All["Methods"]).Where(static text => MethodRegistry.All.Any(method => Names(text.Text, method))).Select(static text => text.Text)];
        foreach (IMethod method in MethodRegistry.All)
        {
            Assert.That(found, Has.Some.EqualTo(method.Name).And.Some.EqualTo(method.Title), "the method itself says them");
        }
    }

    /// <summary>Whether a text has the name or the title of a method as a word of its own; what our assemblies' names begin with is none.</summary>
    private static bool Names(string text, IMethod method)
    {
        string rest = text.Replace(Rooms.Prefix, "", StringComparison.Ordinal);
        return HasWord(rest, method.Name) || HasWord(rest, method.Title);
    }

    private static bool HasWord(string text, string word)
    {
        bool Ends(int at) => at < 0 || at >= text.Length || !(char.IsLetterOrDigit(text[at]) || text[at] == '_');
        for (int at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.Ordinal))
        {
            if (Ends(at - 1) && Ends(at + word.Length))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<(string Member, string Text)> Texts(ModuleDefinition module) => module.GetTypes().SelectMany(static type => (IEnumerable<(string, string)>)
    [
        .. type.Fields.Where(static field => field.Constant is string).Select(static field => (field.FullName, (string)field.Constant)),
        .. type.Methods.SelectMany(static method => method.Parameters.Where(static p => p.HasConstant && p.Constant is string).Select(p => (method.FullName, (string)p.Constant))),
        .. type.Methods.Where(static method => method.HasBody).SelectMany(static method => method.Body.Instructions.Where(static i => i.OpCode.Code == Code.Ldstr).Select(i => (method.FullName, (string)i.Operand))),
    ]);
}
