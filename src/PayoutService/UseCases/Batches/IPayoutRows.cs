using PayoutService.Payouts;
using PayoutService.Storage.Batches;
using PayoutService.Storage.Payouts;

namespace PayoutService.UseCases.Batches;

/// <summary>Reads the rows of batches by the rules that hold for the body of POST /v1/payouts, and names what is wrong
/// with them as that call does.</summary>
internal interface IPayoutRows
{
    /// <summary>Turns the cells of a row into an order.</summary>
    /// <param name="cells">The cells by the names of their columns.</param>
    /// <param name="by">Who made the batch.</param>
    /// <param name="now">The time that bounds executeAt.</param>
    /// <param name="order">The order; null when there is a fault.</param>
    /// <returns>What is wrong with the row.</returns>
    IReadOnlyList<RowFault> Read(
        IReadOnlyDictionary<string, string> cells,
        Requester by,
        DateTimeOffset now,
        out PayoutOrder? order);

    /// <summary>The cells of an order, from which the same order is read.</summary>
    Dictionary<string, string> CellsOf(PayoutOrder order);

    /// <summary>The faults of a row whose order would be refused; none: it would be created, or was before.</summary>
    IReadOnlyList<RowFault> FaultsOf(JudgedOrder judged);
}
