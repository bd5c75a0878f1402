namespace AdaShare.Native.Learning.Methods;

/// <summary>Which of the policies that a search has learnt decide what runs.</summary>
public enum PolicyChoice
{
    /// <summary>The policies that were sampled from the learnt probabilities, each with the network that was trained again under it.</summary>
    Sampled,

    /// <summary>The likelier decision of every block.</summary>
    Likeliest,
}

/// <summary>The words for choices of policies on command lines.</summary>
public static class PolicyChoices
{
    /// <summary>The word.</summary>
    public static string Word(this PolicyChoice choice) => choice == PolicyChoice.Sampled ? "sampled" : "argmax";

    /// <summary>The choice that a word says; null for any other word.</summary>
    public static PolicyChoice? Parse(string word) => word switch { "sampled" => PolicyChoice.Sampled, "argmax" => PolicyChoice.Likeliest, _ => null };
}
