using Mono.Cecil;
using Mono.Cecil.Cil;

namespace AdaShare.Native.Architecture.Tests.Reading;

/// <summary>Finds who makes a network learn: calls, and delegates, of the engine's methods that run backward or move parameters.</summary>
internal static class Callers
{
    private static readonly Dictionary<string, string[]> Learning = new(StringComparer.Ordinal)
    {
        [Rooms.Prefix + "Engine.Autograd.Step"] = ["Backward"],
        [Rooms.Prefix + "Engine.Optimizers.Optimizer"] = ["BackwardAndStep", "Step"],
    };

    /// <summary>The outermost types whose code calls one of the methods, each with a method that does.</summary>
    public static IEnumerable<(string Type, string Method, string Called)> Of(ModuleDefinition module) =>
        from type in module.GetTypes()
        from method in type.Methods
        where method.HasBody
        from instruction in method.Body.Instructions
        let called = instruction.Operand as MethodReference
        where instruction.OpCode.FlowControl == FlowControl.Call || instruction.OpCode.Code is Code.Ldftn or Code.Ldvirtftn
        where called is not null && Learns(called)
        select (Outermost(type).FullName, method.FullName, $"{called.DeclaringType.Name}.{called.Name}");

    private static bool Learns(MethodReference called)
    {
        // A call may name the class that declares the method or one that inherits it.
        for (TypeDefinition? type = Ours(called.DeclaringType)?.Resolve(); type is not null; type = Ours(type.BaseType)?.Resolve())
        {
            if (Learning.TryGetValue(type.FullName, out string[]? names) && names.Contains(called.Name))
            {
                return true;
            }
        }

        return false;
    }

    private static TypeReference? Ours(TypeReference? type) => type is not null && type.Namespace.StartsWith(Rooms.Prefix, StringComparison.Ordinal) ? type : null;

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is null ? type : Outermost(type.DeclaringType);
}
