using Microsoft.AspNetCore.Http.HttpResults;

namespace PockytSimulator.Control;

internal static class FaultEndpoints
{
    public static void MapFaults(this IEndpointRouteBuilder control)
    {
        control.MapPost("/faults", Add);
        control.MapGet("/faults", List);
        control.MapDelete("/faults", Clear);
    }

    private static Results<Ok<FaultAdded>, BadRequest<ControlProblem>> Add(FaultScript script, Faults faults) =>
        script.Problem() is { } problem
            ? TypedResults.BadRequest(new ControlProblem(problem))
            : TypedResults.Ok(new FaultAdded(faults.Add(script)));

    private static Ok<FaultList> List(Faults faults) => TypedResults.Ok(new FaultList(faults.List()));

    private static NoContent Clear(Faults faults)
    {
        faults.Clear();
        return TypedResults.NoContent();
    }

    private sealed record FaultAdded(int Id);

    private sealed record FaultList(IReadOnlyList<FaultLine> Faults);
}

/// <summary>Why a control call was not done.</summary>
internal sealed record ControlProblem(string Error);
