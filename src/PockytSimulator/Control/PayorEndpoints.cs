using Microsoft.AspNetCore.Http.HttpResults;
using PockytSimulator.Payees;
using PockytSimulator.Scheduling;

namespace PockytSimulator.Control;

internal static class PayorEndpoints
{
    public static void MapPayors(this IEndpointRouteBuilder control)
    {
        control.MapGet("/payors", List);
        control.MapPost("/payors/{payorNo}", Change);
    }

    private static Ok<PayorList> List(PayorRegistry payors) =>
        TypedResults.Ok(new PayorList([.. payors.All.Select(payor =>
        new PayorView(payor.MerchantNo, payor.PayorNo, payor.Status, payor.Members, payor.Documents))]));

    private static Results<NoContent, Accepted<PayorPlanned>, NotFound, BadRequest<ControlProblem>> Change(
        string payorNo, PayorOrder order, PayorRegistry payors, ScheduledChanges timetable)
    {
        if (payors.Find(payorNo) is not { } payor)
        {
            return TypedResults.NotFound();
        }

        if (!PayorRegistry.Statuses.Contains(order.Status))
        {
            return TypedResults.BadRequest(
                new ControlProblem($"status is one of {string.Join(", ", PayorRegistry.Statuses)}"));
        }

        if (order.AfterSeconds is { } seconds)
        {
            var plan = timetable.Add(
                TimeSpan.FromSeconds(seconds), (no, dueAt) =>
                    new ScheduledChange.MovePayor(no, dueAt, payorNo, order.Status));
            return TypedResults.Accepted((string?)null, new PayorPlanned(plan.DueAt));
        }

        payors.Move(payor, order.Status);
        return TypedResults.NoContent();
    }

    private sealed record PayorList(IReadOnlyList<PayorView> Payors);

    private sealed record PayorView(
        string MerchantNo,
        string PayorNo,
        string Status,
        IReadOnlyDictionary<string, string> Members,
        IReadOnlyList<PayorDocument> Documents);

    internal sealed record PayorOrder(string Status, double? AfterSeconds = null);

    private sealed record PayorPlanned(DateTimeOffset DueAt);
}
