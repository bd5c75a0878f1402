namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>The line of a training that takes a moment: hard sharing on a few small scenes.</summary>
internal static class TinyRun
{
    private static readonly string[] Settings =
    [
        "method=hard_sharing", "train.retrain_total_iters=3", "train.batch_size=2", "train.print_freq=2", "train.val_freq=2", "model.width=0.125", "model.head_width=0.01", "dataload.crop_h=32", "dataload.crop_w=32",
        "dataload.scenes.height=32", "dataload.scenes.width=32", "dataload.scenes.train1=4", "dataload.scenes.train2=2", "dataload.scenes.val=2", "dataload.scenes.test=2",
    ];

    /// <summary>The line.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="more">What else stands in it.</param>
    public static string[] Line(string folder, params string[] more) => ["train", "--device", "cpu", "--out", folder, .. Settings.SelectMany(static key => (string[])["--set", key]), .. more];
}
