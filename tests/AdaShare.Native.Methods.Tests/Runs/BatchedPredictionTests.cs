using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>Images that are predicted together, beside each by itself: of networks whose gates are the same for all images, and of those that decide for each.</summary>
[TestFixture]
internal sealed class BatchedPredictionTests
{
    [TestCase("adashare")]
    [TestCase("adashare_instance")]
    [TestCase("blockdrop")]
    [TestCase("routing")]
    public void Together_says_what_each_alone_says(string name)
    {
        using var training = new TinyTraining();
        RunConfig config = TinyTraining.Config(name);
        RunFolder folder = training.NewFolder();
        training.Train(config, folder);
        IMethod method = MethodRegistry.Get(name);
        using (TrainedNetwork network = method.Networks(folder, config)[^1].Load(method, config, training.Backend))
        {
            var scenes = new ProceduralScenes(new ProceduralSceneOptions { Height = 36, Width = 48, TrainWeights = 1, TrainPolicy = 1, Validation = 1, Test = 3 });
            StoredInput[] images = [.. Enumerable.Range(0, 3).Select(i => scenes.Load(Split.Test, i, []).Input)];
            IReadOnlyList<IReadOnlyList<(TaskSpec Task, Plane Prediction)>> together = network.Predict(images);
            for (int i = 0; i < images.Length; i++)
            {
                IReadOnlyList<(TaskSpec Task, Plane Prediction)> alone = network.Predict(images[i]);
                Assert.That(together[i].Select(static said => said.Task.Name), Is.EqualTo(new[] { "seg", "sn" }));
                Assert.That(together[i][1].Prediction.Values, Is.EqualTo(alone[1].Prediction.Values).Within(1e-3));

                // Where two classes are about as likely, rounding may decide.
                int other = together[i][0].Prediction.Values.Zip(alone[0].Prediction.Values).Count(static pair => pair.First != pair.Second);
                Assert.That(other, Is.LessThan(36 * 48 / 100));
            }

            Assert.That(network.Predict(images, [1])[2].Single().Prediction.Values, Is.EqualTo(together[2][1].Prediction.Values).Within(1e-3), "some tasks alone");
            BgrImage smaller = BgrImage.Of(new Data.Codecs.ByteImage(40, 36, 3, new byte[40 * 36 * 3]));
            Assert.That(() => network.Predict([images[0], smaller]), Throws.ArgumentException.With.Message.Contains("36x48, 36x40"));
        }

        Assert.That(training.Backend.Memory.LiveBuffers, Is.Zero);
    }
}
