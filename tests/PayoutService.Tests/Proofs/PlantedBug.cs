namespace PayoutService.Tests.Proofs;

/// <summary>
/// A wrong variant of the service, as edits that are found by what stands in the sources: so a bug still applies when
/// lines are added, indented or moved to another file. Its file says what is wrong, which check catches it, and for
/// each edit which lines are replaced by which; they must stand once in all of `src`, wherever that is.
/// </summary>
/// <param name="Name">The name of its file.</param>
/// <param name="Check">The check that must fail: class and method below the tests' namespace.</param>
/// <param name="Edits">What is replaced by what.</param>
internal sealed record PlantedBug(string Name, string Check, IReadOnlyList<PlantedBug.Edit> Edits)
{
    private const string Wrong = "Wrong: ";
    private const string CaughtBy = "Caught by: ";
    private const string Replace = "Replace:";
    private const string By = "By:";

    public static PlantedBug Read(string file)
    {
        var lines = LinesOf(File.ReadAllText(file));
        if (lines is not [var wrong, var check, ..]
            || !wrong.StartsWith(Wrong, StringComparison.Ordinal) || wrong.Length == Wrong.Length
            || !check.StartsWith(CaughtBy, StringComparison.Ordinal))
        {
            throw new FormatException($"{file} must begin with a line '{Wrong}...' and a line '{CaughtBy}...'.");
        }

        List<(string Kind, List<string> Lines)> blocks = [];
        foreach (var line in lines.Skip(2))
        {
            if (line is Replace or By)
            {
                blocks.Add((line, []));
            }
            else if (blocks.Count > 0)
            {
                blocks[^1].Lines.Add(line);
            }
            else if (line.Length > 0)
            {
                throw new FormatException($"{file} must go on with '{Replace}', not with '{line}'.");
            }
        }

        var edits = blocks.Chunk(2).Select(pair => pair is [(Replace, var find), (By, var put)]
            ? new Edit([.. Trimmed(find).Select(line => line.Trim())], Outdented(Trimmed(put)))
            : throw new FormatException($"In {file} each '{Replace}' must be followed by one '{By}'."));
        return new(Path.GetFileNameWithoutExtension(file), check[CaughtBy.Length..], [.. edits]);
    }

    /// <summary>Why it cannot be planted in these sources; null when it can.</summary>
    public string? Misfit(IReadOnlyDictionary<string, string> sources) => Edits.Count == 0 ? "it changes nothing"
        : Edits.Select(edit => edit.Misfit(sources)).FirstOrDefault(misfit => misfit is not null);

    /// <summary>Makes the sources wrong.</summary>
    /// <returns>What the changed files were before.</returns>
    public IReadOnlyDictionary<string, string> Plant(string root)
    {
        var before = SourcesOf(root);
        Dictionary<string, string> after = new(before);
        foreach (var edit in Edits)
        {
            var (path, at) = edit.PlacesIn(after).Single();
            after[path] = edit.Make(after[path], at);
        }

        var changed = before.Where(file => after[file.Key] != file.Value).ToDictionary();
        foreach (var path in changed.Keys)
        {
            File.WriteAllText(path, after[path]);
        }

        return changed;
    }

    /// <summary>The text of every file below `src`.</summary>
    public static Dictionary<string, string> SourcesOf(string root) =>
        Directory.EnumerateFiles(Path.Combine(root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(root, path).Split('/', '\\').Any(part => part is "bin" or "obj"))
            .ToDictionary(path => path, File.ReadAllText);

    private static string[] LinesOf(string text) => text.ReplaceLineEndings("\n").Split('\n');

    /// <summary>Without the empty lines around them.</summary>
    private static List<string> Trimmed(List<string> lines)
    {
        var first = lines.FindIndex(line => line.Trim().Length > 0);
        var last = lines.FindLastIndex(line => line.Trim().Length > 0);
        return first < 0 ? [] : lines[first..(last + 1)];
    }

    /// <summary>Indented only against each other.</summary>
    private static string[] Outdented(List<string> lines)
    {
        var indent = lines.Where(line => line.Trim().Length > 0).Select(IndentOf).DefaultIfEmpty().Min();
        return [.. lines.Select(line => line.Length < indent ? "" : line[indent..])];
    }

    private static int IndentOf(string line) => line.Length - line.TrimStart().Length;

    /// <param name="Find">The lines that are replaced, without what stands before and after each.</param>
    /// <param name="Put">The lines that take their place, indented as the first of them.</param>
    internal sealed record Edit(string[] Find, string[] Put)
    {
        /// <summary>Every file and line at which the edit could be made.</summary>
        public IEnumerable<(string Path, int At)> PlacesIn(IEnumerable<KeyValuePair<string, string>> files) =>
            from file in files
            where file.Value.Contains(Find[0], StringComparison.Ordinal)
            let lines = Array.ConvertAll(LinesOf(file.Value), line => line.Trim())
            from at in Enumerable.Range(0, Math.Max(0, lines.Length - Find.Length + 1))
            where lines.AsSpan(at, Find.Length).SequenceEqual(Find)
            select (file.Key, at);

        public string? Misfit(IEnumerable<KeyValuePair<string, string>> files)
        {
            if (Find.Length == 0 || Find.SequenceEqual(Put.Select(line => line.Trim())))
            {
                return "an edit replaces nothing, or something by itself";
            }

            var places = PlacesIn(files).Select(place => $"{place.Path}:{place.At + 1}").ToList();
            return places.Count == 1 ? null
                : $"found {places.Count} times, not once, in src ({string.Join(", ", places)}):\n"
                    + string.Join('\n', Find);
        }

        public string Make(string text, int at)
        {
            var lines = LinesOf(text);
            var indent = lines[at][..IndentOf(lines[at])];
            var put = Put.Select(line => line.Length == 0 ? "" : indent + line);
            return string.Join('\n', [.. lines[..at], .. put, .. lines[(at + Find.Length)..]]);
        }
    }
}
