namespace AdaShare.Native.Campaigns;

/// <summary>A campaign can't run as it was asked for; the message is one sentence that says what to do.</summary>
public sealed class CampaignException(string message) : Exception(message);
