using AdaShare.Native.Data.Registry;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Host.Tests.Configuration;

[TestFixture]
internal sealed class ConfigValidatorTests
{
    private static readonly AdaShareMethod Method = new();

    [TestCase("tasks=[]", "tasks is an empty list; expected at least one of seg, sn, depth, keypoint, edge, class, attributes, values")]
    [TestCase("tasks=[seg,sn,pose]", "tasks is the unknown task pose; expected any of seg, sn, depth, keypoint, edge, class, attributes, values")]
    [TestCase("tasks=[seg,sn,seg]", "tasks is seg more than once; expected each task once")]
    [TestCase("tasks_num_class=[40,3]", "tasks_num_class is a list of 2; expected 3, one for each of tasks")]
    [TestCase("lambdas=[1,2,3,4]", "lambdas is a list of 4; expected 3, one for each of tasks")]
    [TestCase("tasks_num_class=[40,2,1]", "tasks_num_class of sn is 2; expected 3, the coordinates of a surface normal")]
    [TestCase("tasks_num_class=[40,3,3]", "tasks_num_class of depth is 3; expected 1, since the task has one output channel")]
    [TestCase("tasks_num_class=[1,3,1]", "tasks_num_class of seg is 1; expected 2 to 255 classes, since label 255 is the one that is ignored")]
    [TestCase("lambdas=[1,-2,3]", "lambdas of sn is -2; expected a weight of 0 or more")]
    [TestCase("lambdas=[0,0,0]", "lambdas is zero for every task; expected a weight above 0 for at least one")]
    [TestCase("backbone=WRN", "backbone is WRN; expected one of ResNet18, ResNet34, ResNet50, ResNet101, PlainResNet18, PlainResNet34, PlainResNet50, PlainResNet101, PlainWideResNet50_2, WideResNet28_10, WideResNet34_2, VDCNN9, VDCNN17, VDCNN29, VDCNN49 (the official code's WRN, of 15 blocks, is WideResNet34_2 here)")]
    [TestCase("backbone=VGG", "backbone is VGG; expected one of ResNet18, ResNet34, ResNet50, ResNet101, PlainResNet18, PlainResNet34, PlainResNet50, PlainResNet101, PlainWideResNet50_2, WideResNet28_10, WideResNet34_2, VDCNN9, VDCNN17, VDCNN29, VDCNN49")]
    [TestCase("backbone=PlainResNet50;skip_layer=16", "adashare.skip_layer is 16; expected 0 to 15, since PlainResNet50 has 16 blocks")]
    [TestCase("policy_model=instance", "adashare.policy_model is instance; expected task-specific, the only choice")]
    [TestCase("model.width=0", "model.width is 0; expected a factor above 0 and up to 8")]
    [TestCase("model.head_width=9", "model.head_width is 9; expected a factor above 0 and up to 8")]
    [TestCase("model.dropout=1", "model.dropout is 1; expected a probability from 0 up to, not including, 1")]
    [TestCase("skip_layer=8", "adashare.skip_layer is 8; expected 0 to 7, since ResNet18 has 8 blocks")]
    [TestCase("exp_name=a/b", "exp_name is \"a/b\"; expected a name that can name a folder, without slashes")]
    [TestCase("exp_name=\"\"", "exp_name is \"\"; expected a name that can name a folder, without slashes")]
    [TestCase("seed=[]", "seed is an empty list; expected at least one seed")]
    [TestCase("seed=[3,-1]", "seed is -1; expected seeds of 0 or more")]
    [TestCase("retrain.policies=0", "adashare.policies is 0; expected 1 or more")]
    [TestCase("retrain.dropped_blocks=drop", "model.dropped_blocks is drop; expected one of auto, skip, compute")]
    [TestCase("model.batch_norm=task", "model.batch_norm is task; expected one of shared, per_task")]
    [TestCase("test.which_iter=last", "test.which_iter is last; expected one of best, latest")]
    [TestCase("dataload.resize_h=8", "dataload.resize_h is 8; expected 0, or 16 to 4096 rows")]
    [TestCase("dataload.resize_w=64", "dataload.resize_w is 64; expected 0 where resize_h is 0, else 16 to 4096 columns")]
    [TestCase("dataload.dataset=ImageNet", "dataload.dataset is ImageNet; expected one of Scenes, %DATASETS%")]
    [TestCase("dataload.dataset=NYU_v2", "dataload.dataroot is nothing; expected the folder that holds NYU_v2; give it here or as --data DIR")]
    [TestCase("dataload.small_res=True", "dataload.small_res is True; expected False for Scenes, since it means something to CityScapes, CityScapes_original, CityScapes_original_metres alone")]
    [TestCase("dataload.crop_h=8", "dataload.crop_h is 8; expected 16 or more")]
    [TestCase("dataload.crop_w=0", "dataload.crop_w is 0; expected 16 or more")]
    [TestCase("dataload.scale_min=0", "dataload.scale_min is 0; expected a factor above 0")]
    [TestCase("dataload.scale_max=0.4", "dataload.scale_max is 0.4; expected a factor from scale_min (0.5) to 16")]
    [TestCase("dataload.crop=random", "dataload.crop is random; expected one of scaled, resized")]
    [TestCase("dataload.scales=[1,0]", "dataload.scales is [1, 0]; expected factors above 0 and up to 16, or none for all from scale_min to scale_max")]
    [TestCase("dataload.scales=[1,2];dataload.scale_max=1", "dataload.scales is given beside scale_min and scale_max (0.5 to 1); expected either the one or the other: leave scale_min and scale_max out where factors are listed")]
    [TestCase("dataload.resized.area_min=0.5", "dataload.resized is given; expected no such section with crop: scaled; set crop: resized")]
    [TestCase("dataload.crop=resized;dataload.scale_max=1", "dataload.scale_min is given (with scale_max: 0.5 to 1); expected none of the three with crop: resized, whose regions stand in section resized")]
    [TestCase("dataload.crop=resized;dataload.scales=[1,2]", "dataload.scale_min is replaced by dataload.scales; expected none of the three with crop: resized, whose regions stand in section resized")]
    [TestCase("dataload.crop=resized;dataload.resized.area_min=0", "dataload.resized.area_min is 0; expected a share of the area above 0 and up to 1")]
    [TestCase("dataload.crop=resized;dataload.resized.area_max=0.01", "dataload.resized.area_max is 0.01; expected a share from area_min (0.08) to 1")]
    [TestCase("dataload.crop=resized;dataload.resized.aspect_min=0", "dataload.resized.aspect_min is 0; expected width by height, from 0.01 to 100")]
    [TestCase("dataload.crop=resized;dataload.resized.aspect_max=0.5", "dataload.resized.aspect_max is 0.5; expected width by height, from aspect_min (0.75) to 100")]
    [TestCase("dataload.mirror=1.5", "dataload.mirror is 1.5; expected a probability from 0 to 1")]
    [TestCase("dataload.normals=cooked", "dataload.normals is cooked; expected one of auto, decoded, raw")]
    [TestCase("dataload.validation_fraction=1", "dataload.validation_fraction is 1; expected 0 for no validation part, or a fraction up to 0.5")]
    [TestCase("dataload.workers=0", "dataload.workers is 0; expected 1 to 256 threads")]
    [TestCase("dataload.scenes.height=5000", "dataload.scenes.height is 5000; expected 16 to 4096 rows")]
    [TestCase("dataload.scenes.width=8", "dataload.scenes.width is 8; expected 16 to 4096 columns")]
    [TestCase("dataload.scenes.seed=-1", "dataload.scenes.seed is -1; expected 0 or more")]
    [TestCase("dataload.scenes.train1=0", "dataload.scenes.train1 is 0; expected 1 or more")]
    [TestCase("dataload.scenes.train2=0", "dataload.scenes.train2 is 0; expected 1 or more")]
    [TestCase("dataload.input.order=gbr", "dataload.input.order is gbr; expected one of bgr, rgb")]
    [TestCase("dataload.input.mean=[1,2]", "dataload.input.mean is [1, 2]; expected three numbers from 0 to 255 in the order of the channels (torchvision's times 255), or none for ImageNet's")]
    [TestCase("dataload.input.mean=[1,2,256]", "dataload.input.mean is [1, 2, 256]; expected three numbers from 0 to 255 in the order of the channels (torchvision's times 255), or none for ImageNet's")]
    [TestCase("dataload.input.deviation=[0.229,0.224,0.225]", "dataload.input.deviation is [0.229, 0.224, 0.225]; expected three numbers from 1 to 255 in the order of the channels (torchvision's times 255), or none for 1")]
    [TestCase("dataload.scenes.val=-1", "dataload.scenes.val is -1; expected 0 or more")]
    [TestCase("dataload.scenes.test=0", "dataload.scenes.test is 0; expected 1 or more")]
    [TestCase("weighting.method=pcgard", "weighting.method is pcgard; expected one of static, uncertainty, dwa, random, geometric_mean, stch, famo, imtl_l, gradnorm, pcgrad, cagrad, mgda, imtl_g, nash, fairgrad, aligned_mtl, upgrad")]
    [TestCase("weighting.method=mgda;lambdas=[1,0,3]", "lambdas of sn is 0; expected a weight above 0, on which mgda builds; leave the task out, or set weighting.method=static")]
    [TestCase("weighting.method=uncertainty;weighting.uncertainty.lr=0", "weighting.uncertainty.lr is 0; expected a learning rate above 0 and up to 1")]
    [TestCase("weighting.method=uncertainty;weighting.uncertainty.start=11", "weighting.uncertainty.start is 11; expected a log variance from -10 to 10")]
    [TestCase("weighting.method=dwa;weighting.dwa.temperature=0", "weighting.dwa.temperature is 0; expected a temperature above 0 and up to 1000")]
    [TestCase("weighting.method=dwa;weighting.dwa.period=0", "weighting.dwa.period is 0; expected 1 or more")]
    [TestCase("weighting.method=stch;weighting.stch.mu=-1", "weighting.stch.mu is -1; expected a smoothness above 0 and up to 1000")]
    [TestCase("weighting.method=stch;weighting.stch.warm_up=-1", "weighting.stch.warm_up is -1; expected 0 or more")]
    [TestCase("weighting.method=stch;weighting.stch.nadir_steps=0", "weighting.stch.nadir_steps is 0; expected 1 or more")]
    [TestCase("weighting.method=famo;weighting.famo.lr=0", "weighting.famo.lr is 0; expected a learning rate above 0 and up to 10")]
    [TestCase("weighting.method=famo;weighting.famo.gamma=2", "weighting.famo.gamma is 2; expected a decay from 0 to 1")]
    [TestCase("weighting.method=imtl_l;weighting.imtl_l.lr=2", "weighting.imtl_l.lr is 2; expected a learning rate above 0 and up to 1")]
    [TestCase("weighting.method=gradnorm;weighting.gradnorm.alpha=-1", "weighting.gradnorm.alpha is -1; expected an exponent from 0 to 10")]
    [TestCase("weighting.method=gradnorm;weighting.gradnorm.lr=0", "weighting.gradnorm.lr is 0; expected a learning rate above 0 and up to 10")]
    [TestCase("weighting.method=cagrad;weighting.cagrad.c=1", "weighting.cagrad.c is 1; expected a share from 0 up to, not including, 1")]
    [TestCase("weighting.method=nash;weighting.nash.max_norm=-1", "weighting.nash.max_norm is -1; expected a norm from 0 (none) to 1e6")]
    [TestCase("weighting.method=fairgrad;weighting.fairgrad.alpha=0", "weighting.fairgrad.alpha is 0; expected a number from 0.1 to 100")]
    [TestCase("loss.mode=best", "loss.mode is best; expected one of paper, official")]
    [TestCase("loss.sharing_weights=up", "adashare.sharing_weights is up; expected one of auto, bottom, top, uniform")]
    [TestCase("loss.sharing_distance=l2", "adashare.sharing_distance is l2; expected one of auto, probability, logit")]
    [TestCase("loss.sparsity=l1", "adashare.sparsity is l1; expected one of auto, log_likelihood, cross_entropy")]
    [TestCase("train.batch_size=0", "train.batch_size is 0; expected 1 or more")]
    [TestCase("train.total_iters=0", "train.total_iters is 0; expected 1 or more")]
    [TestCase("train.warm_up_iters=20001", "adashare.warm_up_iters is 20001; expected 0 to train.total_iters (20000), which counts the warm-up too")]
    [TestCase("train.retrain_total_iters=0", "train.retrain_total_iters is 0; expected 1 or more")]
    [TestCase("train.print_freq=0", "train.print_freq is 0; expected 1 or more")]
    [TestCase("train.val_freq=-1", "train.val_freq is -1; expected 0 or more")]
    [TestCase("train.val_batches=-1", "train.val_batches is -1; expected 0 or more")]
    [TestCase("train.checkpoint_freq=-1", "train.checkpoint_freq is -1; expected 0 or more")]
    [TestCase("train.weight_iter_alternate=0", "adashare.weight_iter_alternate is 0; expected 1 or more")]
    [TestCase("train.alpha_iter_alternate=0", "adashare.alpha_iter_alternate is 0; expected 1 or more")]
    [TestCase("train.policy_iter=first", "adashare.policy_iter is first; expected one of best, latest")]
    [TestCase("train.lr=0", "train.lr is 0; expected a learning rate above 0")]
    [TestCase("train.backbone_lr=-1", "train.backbone_lr is -1; expected a learning rate above 0")]
    [TestCase("train.policy_lr=0", "adashare.policy_lr is 0; expected a learning rate above 0")]
    [TestCase("train.reg_w=-1", "adashare.reg_w is -1; expected a weight of 0 or more")]
    [TestCase("train.reg_w_hamming=-1", "adashare.reg_w_hamming is -1; expected a weight of 0 or more")]
    [TestCase("train.decay_lr_freq=-1", "train.decay_lr_freq is -1; expected 0 or more")]
    [TestCase("train.decay_lr_rate=0", "train.decay_lr_rate is 0; expected a factor above 0 and up to 1")]
    [TestCase("train.policy_decay_lr_freq=5", "adashare.policy_decay_lr_rate is nothing; expected a factor, since adashare.policy_decay_lr_freq is set")]
    [TestCase("train.policy_decay_lr_rate=2", "adashare.policy_decay_lr_rate is 2; expected a factor above 0 and up to 1")]
    [TestCase("train.init_temp=0", "adashare.init_temp is 0; expected a temperature above 0")]
    [TestCase("train.decay_temp=1.1", "adashare.decay_temp is 1.1; expected a factor above 0 and up to 1")]
    [TestCase("train.init_method=zero", "adashare.init_method is zero; expected one of equal, random, all_chosen")]
    [TestCase("train.init_method=all_chosen", "adashare.init_neg_logits is nothing; expected the skip logit that init_method all_chosen starts from, for example -10")]
    [TestCase("curriculum_speed=0", "adashare.curriculum_speed is 0; expected 1 or more")]
    public void Every_rule_has_a_message(string assignments, string message)
    {
        var reader = new ConfigReader();
        foreach (string assignment in assignments.Split(';'))
        {
            reader.ReadAssignment(assignment);
        }

        Assert.That(Assert.Throws<ConfigurationException>(() => ConfigValidator.Validate(reader.Config, Method))!.Message, Is.EqualTo(message.Replace("%DATASETS%", string.Join(", ", DatasetRegistry.Names), StringComparison.Ordinal)));
    }

    [Test]
    public void The_defaults_are_valid_and_silent()
    {
        Assert.That(() => ConfigValidator.Validate(new RunConfig(), Method), Throws.Nothing);
        Assert.That(ConfigValidator.Notices(new RunConfig(), Method), Is.Empty);
    }

    [TestCase("paths.log_dir=x", "paths.log_dir")]
    [TestCase("paths.result_dir=x", "paths.result_dir")]
    [TestCase("train.decay_temp_freq=100", "adashare.decay_temp_freq")]
    [TestCase("train.which_iter=warmup", "adashare.which_iter")]
    [TestCase("init_neg_logits=-10", "adashare.init_neg_logits")]
    public void Keys_without_effect_are_named(string assignment, string key)
    {
        var reader = new ConfigReader();
        reader.ReadAssignment(assignment);
        Assert.That(() => ConfigValidator.Validate(reader.Config, Method), Throws.Nothing);
        Assert.That(ConfigValidator.Notices(reader.Config, Method).Single(), Does.StartWith($"{key} has no effect"));
    }

    [Test]
    public void The_skip_logit_has_an_effect_where_it_belongs()
    {
        var config = new RunConfig();
        AdaShareOptions options = config.Options<AdaShareOptions>();
        (options.InitNegLogits, options.InitMethod) = (-10, "all_chosen");
        Assert.That(() => ConfigValidator.Validate(config, Method), Throws.Nothing);
        Assert.That(ConfigValidator.Notices(config, Method), Is.Empty);
    }
}
