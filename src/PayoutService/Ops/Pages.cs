using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Ops.Layout;
using PayoutService.Ops.Sessions;

namespace PayoutService.Ops;

/// <summary>Answers with pages.</summary>
internal static class Pages
{
    /// <summary>A page loads our style and our script, calls nobody, and is framed by nobody.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static IResult Show<TPage>(Session session, HttpContext context, params (string Name, object? Value)[] model)
        where TPage : IComponent =>
        Show<TPage>(context, StatusCodes.Status200OK, [.. model, ("Session", session)]);

    public static RazorComponentResult<TPage> Show<TPage>(
        HttpContext context, int status, params (string Name, object? Value)[] model)
        where TPage : IComponent
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        return new RazorComponentResult<TPage>(model.ToDictionary(member => member.Name, member => member.Value))
        {
            StatusCode = status,
        };
    }

    /// <summary>A page that says why there is no other.</summary>
    public static IResult Refusal(HttpContext context, int status, string title, string sentence) =>
        Show<RefusalPage>(context, status, ("Title", title), ("Sentence", sentence));

    /// <summary>A page that says what became of an act.</summary>
    /// <param name="session">Who acted.</param>
    /// <param name="context">The request.</param>
    /// <param name="isDone">It was done; else nothing was.</param>
    /// <param name="title">In a few words.</param>
    /// <param name="sentence">In a sentence.</param>
    /// <param name="back">Where to go on: an address and its name.</param>
    public static IResult Result(
        Session session,
        HttpContext context,
        bool isDone,
        string title,
        string sentence,
        (string Address, string Name) back)
    {
        var status = isDone ? StatusCodes.Status200OK : StatusCodes.Status409Conflict;
        return Show<ResultPage>(
            context,
            status,
            ("Session", session),
            ("Done", isDone),
            ("Title", title),
            ("Sentence", sentence),
            ("Back", back.Address),
            ("BackName", back.Name));
    }

    public static IResult NotFound(HttpContext context, string what) => Refusal(
        context, StatusCodes.Status404NotFound, $"There is no such {what}.",
        "Nothing of the merchants that you see has this id. Check it, or search for another.");
}
