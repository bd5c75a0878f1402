namespace AdaShare.Native.Engine.Backends;

/// <summary>
/// A backend that can record the device's part of a training step once and have it done again as a whole: a CUDA graph. It is optional; see
/// <see cref="StepCaptures.RunStep"/>.
/// </summary>
public interface IStepCapture
{
    /// <summary>
    /// Runs <paramref name="body"/>, which is the same work on tensors of the same shapes each time that the key comes back. The body always runs on the host; its kernels may be
    /// held back until it returns, and are then done one by one, or by replaying a recording where they are those that were recorded. Results are the same bits either way.
    /// </summary>
    /// <param name="key">Names the kind of step: what changes the sequence of kernels should change the key, or else steps are recorded anew.</param>
    /// <param name="body">
    /// Forward pass, backward pass, update. It may copy inputs to the device and use numbers that change from step to step (learning rate, temperature, random streams).
    /// Reading a tensor ends the holding back, so read losses after it.
    /// </param>
    void RunStep(string key, Action body);
}

/// <summary>Step capture for those who don't know the backend.</summary>
public static class StepCaptures
{
    /// <summary>Runs the repeated part of a training step: captured and replayed where the backend can, otherwise as it stands.</summary>
    /// <param name="backend">Where the step computes.</param>
    /// <param name="key">See <see cref="IStepCapture.RunStep"/>.</param>
    /// <param name="body">See <see cref="IStepCapture.RunStep"/>.</param>
    /// <exception cref="InvalidOperationException">Another thread is computing on the backend: none may come in while a step is captured.</exception>
    public static void RunStep(this Backend backend, string key, Action body)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(body);
        using BackendScope scope = backend.Enter("step");
        if (backend is IStepCapture capture)
        {
            capture.RunStep(key, body);
        }
        else
        {
            body();
        }
    }
}
