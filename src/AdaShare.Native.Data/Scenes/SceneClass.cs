namespace AdaShare.Native.Data.Scenes;

/// <summary>What a pixel of a procedural scene shows; the values are the class ids of the segmentation label.</summary>
public enum SceneClass
{
    /// <summary>Walls, and pillars and chimney breasts that reach from floor to ceiling.</summary>
    Wall,

    /// <summary>The floor, rugs included.</summary>
    Floor,

    /// <summary>The ceiling.</summary>
    Ceiling,

    /// <summary>A closed door in a wall.</summary>
    Door,

    /// <summary>A window in a wall, frame included.</summary>
    Window,

    /// <summary>A framed picture on a wall.</summary>
    Picture,

    /// <summary>A table, with its legs.</summary>
    Table,

    /// <summary>A chair or a stool.</summary>
    Chair,

    /// <summary>A sofa or a bed.</summary>
    Couch,

    /// <summary>A cabinet, a chest of drawers or a shelf.</summary>
    Cabinet,

    /// <summary>A floor, table or pendant lamp; rare.</summary>
    Lamp,

    /// <summary>A ball; rare.</summary>
    Ball,

    /// <summary>A cardboard or plastic box; rare.</summary>
    Box,
}
