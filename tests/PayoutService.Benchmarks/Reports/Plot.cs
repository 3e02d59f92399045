using System.Globalization;
using System.Text;

namespace PayoutService.Benchmarks.Reports;

/// <summary>A line of a plot.</summary>
/// <param name="Name">As its legend calls it.</param>
/// <param name="Points">Its points, from left to right; what is NaN is left out.</param>
internal sealed record Curve(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>A plot as it stands beside the report.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Across">The quantity and unit from left to right.</param>
/// <param name="Up">The quantity and unit upwards.</param>
/// <param name="Curves">At most four.</param>
internal sealed record Plot(string Title, string Across, string Up, IReadOnlyList<Curve> Curves)
{
    private const int Width = 760;
    private const int Height = 320;
    private const int Left = 70;
    private const int Right = 20;
    private const int Top = 56;
    private const int Bottom = 46;
    private const int Ticks = 5;

    private static readonly string[] Colours = ["#1f6feb", "#d1242f", "#1a7f37", "#8250df"];

    /// <summary>A name for its file, without the ending.</summary>
    public string Slug => string.Concat(Title.Select(letter => char.IsAsciiLetterOrDigit(letter)
        ? char.ToLowerInvariant(letter).ToString() : "-")).Trim('-').Replace("--", "-", StringComparison.Ordinal);

    public string Svg()
    {
        var points = Curves.SelectMany(curve => curve.Points).Where(IsThere).ToList();
        var (left, right) = points.Count == 0 ? (0, 1) : (points.Min(point => point.X), points.Max(point => point.X));
        var top = RoundUp(points.Select(point => point.Y).DefaultIfEmpty(1).Max());
        var svg = new StringBuilder(
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif"
              font-size="12">
            <rect width="{Width}" height="{Height}" fill="#ffffff"/>
            <text x="{Left}" y="20" font-size="14">{Title}</text>
            <text x="{Width - Right}" y="{Height - 10}" text-anchor="end">{Across}</text>
            <text x="{Left}" y="{Top - 8}" fill="#57606a">{Up}</text>

            """);
        for (var tick = 0; tick <= Ticks; tick++)
        {
            var (share, y) = ((double)tick / Ticks, Y(top * tick / Ticks));
            svg.AppendLine(
                $"""<path d="M{Left} {Text(y)}H{Width - Right}" stroke="#d0d7de"/>"""
                + $"""<text x="{Left - 6}" y="{Text(y + 4)}" text-anchor="end">{Number(top * share)}</text>"""
                + $"""<text x="{Text(X(left + (right - left) * share))}" y="{Height - Bottom + 16}" """
                + $"""text-anchor="middle">{Number(left + (right - left) * share)}</text>""");
        }

        for (var at = 0; at < Curves.Count; at++)
        {
            var line = string.Join(' ', Curves[at].Points.Where(IsThere)
                .Select(point => $"{Text(X(point.X))},{Text(Y(point.Y))}"));
            svg.AppendLine(
                $"""<polyline fill="none" stroke="{Colours[at]}" stroke-width="1.5" points="{line}"/>"""
                + $"""<text x="{Left + 160 + 150 * at}" y="{Top - 8}" fill="{Colours[at]}">{Curves[at].Name}</text>""");
        }

        return svg.AppendLine("</svg>").ToString();

        double X(double value) => Left + (value - left) / Math.Max(right - left, 1e-9) * (Width - Left - Right);

        double Y(double value) => Height - Bottom - value / top * (Height - Top - Bottom);
    }

    private static bool IsThere((double X, double Y) point) => double.IsFinite(point.Y);

    /// <summary>The next of 1, 2, 2.5, 5 and 10 times a power of ten.</summary>
    private static double RoundUp(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 1e-3))));
        return new[] { 1, 2, 2.5, 5, 10 }.First(step => step * power >= value * 0.999) * power;
    }

    private static string Text(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Number(double value) =>
        value.ToString(value >= 10 ? "#,0" : "0.##", CultureInfo.InvariantCulture);
}
