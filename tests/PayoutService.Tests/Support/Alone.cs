namespace PayoutService.Tests.Support;

/// <summary>Tests that measure a time run one by one, when no other is running.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
