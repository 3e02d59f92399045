using System.Threading.Channels;

namespace PayoutService.Storage.Calls;

/// <summary>The calls to Pockyt that this process made and has not written down yet. Who calls waits for no commit, so
/// a process that dies loses the last of them.</summary>
internal sealed class CallLog
{
    /// <summary>The number of calls that are kept; older ones give way.</summary>
    private const int Most = 20_000;

    private readonly Channel<ProviderCall> calls = Channel.CreateBounded<ProviderCall>(
        new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Add(ProviderCall call) => calls.Writer.TryWrite(call);

    /// <summary>Takes the oldest calls out.</summary>
    public List<ProviderCall> Take(int atMost)
    {
        List<ProviderCall> taken = [];
        while (taken.Count < atMost && calls.Reader.TryRead(out var call))
        {
            taken.Add(call);
        }

        return taken;
    }
}
