using Microsoft.AspNetCore.Http.HttpResults;

namespace PockytSimulator;

internal static class PayorEndpoints
{
    public static void MapPayors(this IEndpointRouteBuilder control)
    {
        control.MapGet("/payors", List);
        control.MapPost("/payors/{payorNo}", Change);
    }

    private static Ok<PayorList> List(Payors payors) => TypedResults.Ok(new PayorList([.. payors.All.Select(payor =>
        new PayorView(payor.MerchantNo, payor.PayorNo, payor.Status, payor.Members, payor.Documents))]));

    private static Results<NoContent, Accepted<PayorPlanned>, NotFound, BadRequest<ControlProblem>> Change(
        string payorNo, PayorOrder order, Payors payors, Timetable timetable)
    {
        if (payors.Find(payorNo) is not { } payor)
        {
            return TypedResults.NotFound();
        }

        if (!Payors.Statuses.Contains(order.Status))
        {
            return TypedResults.BadRequest(
                new ControlProblem($"status is one of {string.Join(", ", Payors.Statuses)}"));
        }

        if (order.AfterSeconds is { } seconds)
        {
            var plan = timetable.Add(
                TimeSpan.FromSeconds(seconds), (no, dueAt) => new Plan.MovePayor(no, dueAt, payorNo, order.Status));
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
