using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Studies.Specification;

namespace AdaShare.Native.Studies.Tests.Specification;

/// <summary>What a study file becomes, and what is said of one that can't be run.</summary>
internal sealed class StudyPlanTests
{
    [Test]
    public void GridRunsFirstThenSeedsMethodByMethod()
    {
        var plan = StudyPlan.Of(TinyStudy.Spec(), TinyStudy.Known);
        Assert.That(plan.GridCells.Select(static cell => cell.Id), Is.EqualTo(new[] { "adashare-ours--lr-0.001-s88", "adashare-ours--fast-s88" }));
        IReadOnlyList<(string Label, long Seed, StudyCell? Cell)> cells = plan.SeedCells(new Dictionary<string, string> { ["AdaShare (ours)"] = "fast" });
        Assert.That(cells.Select(static entry => entry.Cell!.Id), Is.EqualTo(new[] { "hard_sharing-s88", "hard_sharing-s45", "adashare-ours--fast-s45" }));
        Assert.That(cells.Select(static entry => entry.Cell!.Index), Is.EqualTo(new[] { 2, 3, 4 }));
        Assert.That(plan.Count, Is.EqualTo(5));
    }

    [Test]
    public void CellHasAllSettingsInTheOrderInWhichTheyAreLaidOver()
    {
        var plan = StudyPlan.Of(TinyStudy.Spec(), TinyStudy.Known);
        StudyCell cell = plan.GridCells[1];
        Assert.That(cell.Overrides, Is.EqualTo(new[] { "train.batch_size=4", "train.lr=0.01", "lambdas=[1,20,3]" }));
        Assert.That((cell.Method, cell.Label, cell.Variant, cell.Seed, cell.Match, cell.Stage), Is.EqualTo(("adashare", "AdaShare (ours)", "fast", 88L, "total", StudyStage.Grid)));
        Assert.That(plan.SeedCells(new Dictionary<string, string>())[0].Cell!.Overrides, Is.EqualTo(new[] { "train.batch_size=4", "train.lr=0.002" }));
    }

    [Test]
    public void PlacesDoNotDependOnWhatGridsChoose()
    {
        var plan = StudyPlan.Of(TinyStudy.Spec(), TinyStudy.Known);
        IReadOnlyList<(string Label, long Seed, StudyCell? Cell)> undecided = plan.SeedCells(new Dictionary<string, string>());
        IReadOnlyList<(string Label, long Seed, StudyCell? Cell)> decided = plan.SeedCells(new Dictionary<string, string> { ["AdaShare (ours)"] = "lr-0.001" });
        Assert.That(undecided.Select(static entry => (entry.Label, entry.Seed)), Is.EqualTo(decided.Select(static entry => (entry.Label, entry.Seed))));
        Assert.That(undecided[2].Cell, Is.Null);
        Assert.That(undecided[1].Cell!.Index, Is.EqualTo(decided[1].Cell!.Index));
    }

    [Test]
    public void MethodsMayHaveSeedsOfTheirOwn()
    {
        StudySpec spec = TinyStudy.Spec();
        spec.Methods[1].Grid = [];
        spec.Methods[1].Seeds = [45, 7];
        var plan = StudyPlan.Of(spec, TinyStudy.Known);
        Assert.That(plan.SeedCells(new Dictionary<string, string>()).Select(static entry => entry.Cell!.Id), Is.EqualTo(new[] { "hard_sharing-s88", "hard_sharing-s45", "adashare-ours-s45", "adashare-ours-s7" }));
    }

    [Test]
    public void IdsAreUniqueAndFitForFolders()
    {
        StudySpec spec = TinyStudy.Spec();
        spec.Methods[1].Label = "Über/Share: *all* " + new string('x', 200);
        spec.Methods[1].Grid[1].Name = "../..";
        Assert.That(() => StudyPlan.Of(spec, TinyStudy.Known), Throws.TypeOf<ConfigurationException>().With.Message.Contains("needs a name"));
        spec.Methods[1].Grid[1].Name = "../../etc";
        List<string> ids = [.. StudyPlan.Of(spec, TinyStudy.Known).Everything().Select(static cell => cell.Id)];
        Assert.That(ids, Is.Unique);
        Assert.That(ids, Has.All.Match("^[a-z0-9][a-z0-9._-]{0,140}$"));
    }

    [TestCase("con", "con_")]
    [TestCase("AUX.1", "aux_.1")]
    [TestCase("com3.x", "com3_.x")]
    [TestCase("comb", "comb")]
    [TestCase("A  b--C", "a-b-c")]
    [TestCase("..", "")]
    [TestCase("ä", "")]
    [TestCase("hard_sharing", "hard_sharing")]
    public void NamesAreSafe(string words, string name) => Assert.That(SafeName.Of(words), Is.EqualTo(name));

    [Test]
    public void LongNamesDifferByTheirEnds()
    {
        string first = SafeName.Of(new string('x', 100) + "1"), second = SafeName.Of(new string('x', 100) + "2");
        Assert.That(first, Has.Length.LessThanOrEqualTo(60).And.Not.EqualTo(second));
    }

    [Test]
    public void SignOfAGridValueStaysInItsName()
    {
        var negative = new StudyGridPoint { Set = ["init_neg_logits=-1"] };
        var positive = new StudyGridPoint { Set = ["init_neg_logits=1"] };
        Assert.That(SafeName.Of(negative), Is.Not.EqualTo(SafeName.Of(positive)));
    }

    private static IEnumerable<TestCaseData> Faults()
    {
        yield return Fault("unknown method", static spec => spec.Methods[0].Method = "mtan", "unknown method mtan; expected one of adashare, hard_sharing, single_task");
        yield return Fault("no method", static spec => spec.Methods[0].Method = "", "without a method");
        yield return Fault("duplicate label", static spec => spec.Methods[1].Label = "hard_sharing", "methods 1 and 2 are both labelled hard_sharing");
        yield return Fault("labels alike", static spec => spec.Methods[1].Label = "Hard_Sharing!", "both make run folders named hard_sharing");
        yield return Fault("duplicate cell", static spec => spec.Methods.Add(new StudyMethod { Method = "hard_sharing", Label = "again", Set = [" train.lr = 0.002 "] }), "hard_sharing and again hold the same cell twice (method hard_sharing, seed 88");
        yield return Fault(
            "duplicate cell of a grid", static spec => spec.Methods.Add(new StudyMethod { Method = "adashare", Label = "again", Match = "total", Set = ["train.lr=0.001"] }), "AdaShare (ours) and again hold the same cell twice");
        yield return Fault("seeds repeat", static spec => spec.Seeds = [1, 2, 1], "seeds names 1 more than once");
        yield return Fault("own seeds repeat", static spec => spec.Methods[0].Seeds = [3, 3], "hard_sharing: seeds names 3 more than once");
        yield return Fault("no seeds", static spec => spec.Seeds = [], "seeds is empty");
        yield return Fault("no own seeds", static spec => spec.Methods[0].Seeds = [], "hard_sharing: seeds is empty");
        yield return Fault("no methods", static spec => spec.Methods = [], "methods is empty; list at least one of adashare");
        yield return Fault("reference", static spec => spec.Reference = "adashare", "reference is adashare, which is no label of the study; expected one of hard_sharing, AdaShare (ours)");
        yield return Fault("no reference", static spec => spec.Reference = "", "reference is empty");
        yield return Fault("match", static spec => spec.Match = "both", "match is both; expected final or total");
        yield return Fault("own match", static spec => spec.Methods[1].Match = "none", "AdaShare (ours): match is none");
        yield return Fault("preset and config", static spec => spec.Config = "a.yaml", "preset is quick and config is a.yaml");
        yield return Fault("name", static spec => spec.Name = "***", "name is \"***\"");
        yield return Fault("grid twice", static spec => spec.Methods[1].Grid[1].Set = ["train.lr = 0.001"], "points 1 and 2 of the grid are the same");
        yield return Fault("grid names", static spec => spec.Methods[1].Grid[1].Name = "LR 0.001", "both named lr-0.001");
        yield return Fault("empty point", static spec => spec.Methods[1].Grid[0].Set = [], "point 1 of the grid sets nothing");
        yield return Fault("no assignment", static spec => spec.Set = ["train.lr"], "set has \"train.lr\"; expected key=value");
        yield return Fault("no key", static spec => spec.Methods[0].Set = [" =1"], "hard_sharing: set has");
        yield return Fault("seed set", static spec => spec.Methods[0].Set = ["seed=[1]"], "the study itself decides seed");
        yield return Fault("label", static spec => spec.Methods[0].Label = "??", "has no letter from a to z and no digit");

        static TestCaseData Fault(string name, Action<StudySpec> change, string sentence) => new TestCaseData(change, sentence).SetName($"{{m}}({name})");
    }

    [TestCaseSource(nameof(Faults))]
    public void FaultIsOneSentence(Action<StudySpec> change, string sentence)
    {
        StudySpec spec = TinyStudy.Spec();
        change(spec);
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => StudyPlan.Of(spec, TinyStudy.Known))!;
        Assert.That(error.Message, Does.Contain(sentence).And.Not.Contain("\n"));
    }

    [Test]
    public void SameMethodMayStandTwiceWithAnotherMatchOrOtherSeeds()
    {
        StudySpec spec = TinyStudy.Spec();
        spec.Methods.Add(new StudyMethod { Method = "hard_sharing", Label = "hard, total", Match = "total", Set = ["train.lr=0.002"] });
        spec.Methods.Add(new StudyMethod { Method = "hard_sharing", Label = "hard, more seeds", Seeds = [1], Set = ["train.lr=0.002"] });
        Assert.That(StudyPlan.Of(spec, TinyStudy.Known).Count, Is.EqualTo(8));
    }
}
