namespace PayoutService.Ops;

/// <summary>Reads what an operator entered.</summary>
internal static class Forms
{
    /// <summary>A reason of fewer characters is none.</summary>
    public const int Least = 10;

    public const int Most = 500;

    /// <summary>A text that the history keeps.</summary>
    /// <returns>The text, and what is wrong with it; null: nothing.</returns>
    public static (string Text, string? Problem) Text(IFormCollection form, string name)
    {
        var text = form[name].ToString().Trim().ReplaceLineEndings(" ");
        return (text, text.Length is < Least or > Most
            ? $"The {name} needs {Least} to {Most} characters."
            : text.Any(char.IsControl) ? $"The {name} has a character that cannot be kept." : null);
    }
}
