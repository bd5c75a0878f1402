global using Label = AdaShare.Native.Data.Datasets.LabelKind;
