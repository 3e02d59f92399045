namespace PayoutService.Client;

public partial class PayoutServiceException
{
    /// <summary>Why the service refused the call; null when what answered was not the service, for example a proxy.
    /// </summary>
    public Problem? Problem => (this as PayoutServiceException<Problem>)?.Result;
}
