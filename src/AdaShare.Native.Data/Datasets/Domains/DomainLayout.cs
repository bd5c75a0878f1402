namespace AdaShare.Native.Data.Datasets.Domains;

/// <summary>A published data set of classes in several domains, each domain a task with images of its own: <c>domain/class/image</c>, with lists or without.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What it is, in one line.</param>
/// <param name="Classes">The number of classes.</param>
/// <param name="Domains">The domains, in the order in which they are tasks.</param>
internal sealed record DomainLayout(string Name, string Summary, int Classes, IReadOnlyList<Domain> Domains)
{
    /// <summary>The lists of a domain's parts; null where there are none.</summary>
    public required DomainListNames Lists { get; init; }

    /// <summary>The number of the first class in lists.</summary>
    public int FirstClass { get; init; }

    /// <summary>The folders, relative to the data set's, in which domains may lie; the first that has one is taken.</summary>
    public IReadOnlyList<string> ImageFolders { get; init; } = [""];

    /// <summary>The folders, relative to the data set's, in which lists may lie.</summary>
    public IReadOnlyList<string> ListFolders { get; init; } = ["", "splits"];

    /// <summary>The official code's description of parts beside <c>train.txt</c> and <c>test.txt</c>; null where there is none.</summary>
    public string? PartsFile { get; init; }

    /// <summary>PACS (Li et al., 2017): 9,991 pictures of 227x227. Its lists of tests are whole domains, since its authors test on one that was not trained on; here the lists of crossval are the test.</summary>
    public static DomainLayout Pacs { get; } = new("PACS", "PACS: 4 domains as tasks, 7 classes, domain/class/image, with the lists *_kfold.txt or without", 7,
        [new("art_painting"), new("cartoon"), new("photo"), new("sketch")])
    {
        Lists = new("{0}_train_kfold.txt", null, "{0}_crossval_kfold.txt"),
        FirstClass = 1,
        ImageFolders = ["", "kfold", "images"],
        ListFolders = ["", "splits", "Train val splits and h5py files pre-read"],
    };

    /// <summary>Office-31 (Saenko et al., 2010): 4,110 pictures; the lists are LibMTL's.</summary>
    public static DomainLayout Office31 { get; } = new("Office-31", "Office-31: 3 domains as tasks, 31 classes, domain/images/class/image or domain/class/image, with LibMTL's lists or without", 31,
        [new("amazon"), new("dslr"), new("webcam")])
    {
        Lists = new("{0}_train.txt", "{0}_val.txt", "{0}_test.txt"),
    };

    /// <summary>Office-Home (Venkateswara et al., 2017): 15,588 pictures; the lists are LibMTL's.</summary>
    public static DomainLayout OfficeHome { get; } = new("Office-Home", "Office-Home: 4 domains as tasks, 65 classes, domain/class/image, with LibMTL's lists or without", 65,
        [new("Art"), new("Clipart"), new("Product"), new("Real_World", "Real World")])
    {
        Lists = new("{0}_train.txt", "{0}_val.txt", "{0}_test.txt"),
    };

    /// <summary>DomainNet (Peng et al., 2019): 596,010 pictures in the order of the AdaShare code's tasks; the lists are its authors', or that code's.</summary>
    public static DomainLayout DomainNet { get; } = new("DomainNet", "DomainNet: 6 domains as tasks, 345 classes, domain/class/image, with the official lists, AdaShare's DomainNet.json, or without", 345,
        [new("real"), new("painting", "paint"), new("quickdraw", "quick"), new("clipart", "clip"), new("infograph", "info"), new("sketch")])
    {
        Lists = new("{0}_train.txt", null, "{0}_test.txt"),
        ImageFolders = ["", "domain_net", "domainnet"],
        PartsFile = "DomainNet.json",
    };
}

/// <summary>A domain.</summary>
/// <param name="Name">Its name, as a task and in lists.</param>
/// <param name="Other">Another name that its folder may have; null for none.</param>
internal sealed record Domain(string Name, string? Other = null)
{
    /// <summary>The names that its folder may have.</summary>
    public IEnumerable<string> Folders => Other is null ? [Name] : [Name, Other];
}

/// <summary>The names of a domain's lists, with <c>{0}</c> for the domain.</summary>
/// <param name="Train">Images to train on.</param>
/// <param name="Validation">Images for selection; null where they are held out of those to train on.</param>
/// <param name="Test">Images of the test.</param>
internal sealed record DomainListNames(string Train, string? Validation, string Test);
