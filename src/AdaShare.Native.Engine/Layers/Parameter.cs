namespace AdaShare.Native.Engine.Layers;

/// <summary>placeholder</summary>
public sealed class Parameter
{
}
