using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Configuration;

/// <summary>The forms of a check on a configuration key. Every error is one line: the key, what was found, what was expected.</summary>
public static class ConfigCheck
{
    /// <summary>Requires one of some words.</summary>
    /// <exception cref="ConfigurationException">It is another.</exception>
    public static void Choice(string key, string found, params IReadOnlyList<string> allowed)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        Require(allowed.Contains(found), key, found, allowed.Count == 1 ? $"{allowed[0]}, the only choice" : $"one of {List(allowed)}");
    }

    /// <summary>Requires a whole number of at least so much.</summary>
    /// <exception cref="ConfigurationException">It is smaller.</exception>
    public static void AtLeast(string key, int found, int least) => InRange(key, found, found >= least, $"{least} or more");

    /// <summary>Requires that a number fits.</summary>
    /// <exception cref="ConfigurationException">It does not.</exception>
    public static void InRange(string key, double found, bool fits, string expected) => Require(fits, key, $"{found}", expected);

    /// <summary>Requires one value for each task.</summary>
    /// <exception cref="ConfigurationException">There are more or fewer.</exception>
    public static void SameLength(string key, int found, int tasks) => Require(found == tasks, key, $"a list of {found}", $"{tasks}, one for each of tasks");

    /// <summary>Requires anything.</summary>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="key">The dotted key.</param>
    /// <param name="found">What was found.</param>
    /// <param name="expected">What was expected.</param>
    /// <exception cref="ConfigurationException">It does not hold.</exception>
    public static void Require(bool holds, string key, string found, string expected)
    {
        ArgumentNullException.ThrowIfNull(found);
        if (!holds)
        {
            throw new ConfigurationException($"{key} is {(found.Length == 0 ? "empty" : found)}; expected {expected}");
        }
    }

    /// <summary>Names in a row.</summary>
    public static string List(IEnumerable<string> names) => string.Join(", ", names);
}
