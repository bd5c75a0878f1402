namespace AdaShare.Native.Learning.Pictures;

/// <summary>A task's prediction as a picture.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Picture">The picture.</param>
/// <param name="Metres">For depth, the distances of the warmest and the coolest colour; otherwise null.</param>
public sealed record TaskPicture(string Task, Picture Picture, (double Near, double Far)? Metres = null);
