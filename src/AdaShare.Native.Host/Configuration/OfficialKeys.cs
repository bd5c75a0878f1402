namespace AdaShare.Native.Host.Configuration;

/// <summary>Where keys of the official AdaShare files, and of our earlier versions, lie in ours: the official files mix what only AdaShare uses with what every method uses.</summary>
public static class OfficialKeys
{
    private const string AdaShare = "adashare.";

    private static readonly string[] Top =
        ["policy_model", "init_neg_logits", "is_sparse", "is_sharing", "skip_layer", "is_curriculum", "curriculum_speed", "diff_sparsity_weights", "retrain_from_pl"];

    private static readonly string[] Train =
    [
        "warm_up_iters", "policy_lr", "reg_w", "reg_w_hamming", "policy_decay_lr_freq", "policy_decay_lr_rate", "decay_temp_freq", "init_temp", "decay_temp", "policy_iter", "which_iter",
        "init_method", "hard_sampling", "weight_iter_alternate", "alpha_iter_alternate",
    ];

    private static readonly string[] Loss = ["sharing_weights", "sharing_distance", "sparsity"];

    private static readonly Dictionary<string, string> Places = new(StringComparer.Ordinal)
    {
        ["fix_BN"] = AdaShare + "fix_batch_norm",
        ["retrain.policies"] = AdaShare + "policies",
        ["retrain.dropped_blocks"] = "model.dropped_blocks",
    };

    static OfficialKeys()
    {
        void Add(string section, string[] names)
        {
            foreach (string name in names)
            {
                Places[section + name] = AdaShare + name;
            }
        }

        Add("", Top);
        Add("train.", Train);
        Add("loss.", Loss);
    }

    /// <summary>The switch of the official files: whether a policy is learnt. False means hard sharing.</summary>
    public const string LearnsPolicy = "policy";

    /// <summary>The path of a key in our files; the path itself where it has no other place.</summary>
    public static string Place(string path) => Places.GetValueOrDefault(path, path);

    /// <summary>The keys, as those files write them.</summary>
    public static IEnumerable<string> Written => Places.Keys.Append(LearnsPolicy);

    /// <summary>Whether a path is that of a section which our files do not have.</summary>
    public static bool IsSection(string path) => path == "retrain";

    /// <summary>The first key of a section which our files do not have; null for other sections.</summary>
    public static string? FirstOf(string section) => IsSection(section) ? Places.Keys.First(key => key.StartsWith(section + ".", StringComparison.Ordinal)) : null;
}
