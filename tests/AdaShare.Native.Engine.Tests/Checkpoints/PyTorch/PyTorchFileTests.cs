using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Engine.Tests.Checkpoints.PyTorch;

/// <summary>Files that PyTorch wrote: those of tests/data/pytorch, and where PyTorch is installed the same written anew.</summary>
[TestFixture]
public sealed class PyTorchFileTests
{
    private static readonly string[] States = ["state.pth", "state-older.pth"];
    private static readonly string[] Snapshots = ["snapshot.pth.tar", "snapshot-older.model"];

    [TestCaseSource(nameof(States))]
    public void Every_type_and_every_view_is_read(string file) => CheckState(TestData.File("pytorch", file));

    [TestCaseSource(nameof(Snapshots))]
    public void The_state_dict_in_a_snapshot_is_found_beside_the_optimiser(string file) => CheckSnapshot(TestData.File("pytorch", file));

    [TestCase(2)]
    [TestCase(4)]
    [TestCase(5)]
    public void Pickles_of_tensors_and_arrays_are_read(int protocol)
    {
        CheckPolicy(TestData.File("pytorch", $"policy{protocol}.pickle"));
        CheckArrays(TestData.File("pytorch", $"arrays{protocol}.pickle"));
    }

    [Test]
    public void What_is_no_tensor_is_passed_over()
    {
        using var file = PyTorchFile.Open(TestData.File("pytorch", "mixed.pickle"));
        Assert.That(file.Tensors.Select(static tensor => tensor.Name), Is.EqualTo(new[] { "array" }));
        Assert.That(file.Tensors[0].Read(), Is.EqualTo(new double[] { 0, 1, 2, 3 }));
    }

    [Test]
    public void What_PyTorch_writes_here_is_read_the_same()
    {
        DebianPython.RequireTorch();
        string folder = Directory.CreateTempSubdirectory("pytorch").FullName;
        try
        {
            DebianPython.Run(File.ReadAllText(TestData.File("pytorch", "make.py")), folder, folder);
            Array.ForEach(States, file => CheckState(Path.Combine(folder, file)));
            Array.ForEach(Snapshots, file => CheckSnapshot(Path.Combine(folder, file)));
            CheckPolicy(Path.Combine(folder, "policy4.pickle"));
            CheckArrays(Path.Combine(folder, "arrays5.pickle"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void CheckState(string path)
    {
        using var file = PyTorchFile.Open(path);
        Dictionary<string, WeightTensor> tensors = file.Tensors.ToDictionary(static tensor => tensor.Name);
        Assert.Multiple(() =>
        {
            Assert.That(file.Tensors.Select(static tensor => tensor.Name), Is.EqualTo(new[]
            {
                "single", "double", "half", "brain", "whole", "byte", "truth", "scalar", "empty", "transposed", "first", "second", "step", "parameter",
            }));
            Check("single", "F32", [2, 3], 0, 0.5, 1, 1.5, 2, 2.5);
            Check("double", "F64", [2], 0, 1.0 / 3);
            Check("half", "F16", [3], 0, 0.5, 1);
            Check("brain", "BF16", [3], 0, 0.5, 1);
            Check("whole", "I64", [2, 2], 0, -3, -6, -9);
            Check("byte", "U8", [4], 0, 60, 120, 180);
            Check("truth", "BOOL", [2], 1, 0);
            Check("scalar", "I64", [], 5);
            Check("empty", "F32", [0, 3]);
            Check("transposed", "F32", [3, 2], 0, 3, 1, 4, 2, 5);
            Check("first", "F32", [2, 2], 0, 0.25, 0.5, 0.75);
            Check("second", "F32", [2, 4], 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75);
            Check("step", "F32", [6], 0.25, 0.75, 1.25, 1.75, 2.25, 2.75);
            Check("parameter", "F32", [2], 0, 7);
        });

        void Check(string name, string format, long[] shape, params double[] values)
        {
            Assert.That(tensors[name].Format.Name, Is.EqualTo(format), name);
            Assert.That(tensors[name].Shape, Is.EqualTo(shape), name);
            Assert.That(tensors[name].Read(), Is.EqualTo(values), name);
            Assert.That(tensors[name].Read(), Is.EqualTo(values), name + " again");
        }
    }

    private static void CheckSnapshot(string path)
    {
        using var file = PyTorchFile.Open(path);
        Assert.That(file.Tensors.Select(static tensor => tensor.Name), Is.EqualTo(new[] { "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked" }));
        Assert.That(file.Tensors[0].Shape, Is.EqualTo(new long[] { 2, 1, 1, 1 }));
        Assert.That(file.Tensors[0].Read(), Is.EqualTo(new double[] { 0, 2 }));
        Assert.That(file.Tensors[6].Read(), Is.EqualTo(new double[] { 1 }));
    }

    private static void CheckPolicy(string path)
    {
        using var file = PyTorchFile.Open(path);
        Assert.That(file.Tensors.Select(static tensor => tensor.Name), Is.EqualTo(new[] { "task1_policy", "task2_policy" }));
        Assert.That(file.Tensors[0].Shape, Is.EqualTo(new long[] { 3, 2 }));
        Assert.That(file.Tensors[0].Read(), Is.EqualTo(new double[] { 1, 0, 0, 1, 1, 0 }));
        Assert.That(file.Tensors[1].Read(), Is.EqualTo(new double[] { 0, 1, 1, 0, 1, 0 }));
    }

    private static void CheckArrays(string path)
    {
        using var file = PyTorchFile.Open(path);
        Assert.That(file.Tensors.Select(static tensor => tensor.Format.Name), Is.EqualTo(new[] { "I64", "F64", "F32" }));
        Assert.That(file.Tensors[0].Read(), Is.EqualTo(new double[] { 1, 0, 0, 1 }));
        Assert.That(file.Tensors[1].Shape, Is.EqualTo(new long[] { 2, 3 }));
        Assert.That(file.Tensors[1].Read(), Is.EqualTo(new double[] { 1, 2, 3, 4, 5, 6 }), "columns first in the file");
        Assert.That(file.Tensors[2].Read(), Is.EqualTo(new double[] { 0, 1, 2 }));
    }
}
