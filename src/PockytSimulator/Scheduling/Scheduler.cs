namespace PockytSimulator.Scheduling;

/// <summary>What happens later, by the simulator's clock: settlements, notices and their retries.</summary>
internal sealed class Scheduler : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Func<CancellationToken, Task>, (DateTimeOffset DueAt, long Turn)> _items = new();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly SimulatorClock _clock;
    private long _turn;
    private int _underWay;

    public Scheduler(SimulatorClock clock)
    {
        _clock = clock;
        clock.Moved += Wake;
    }

    /// <summary>Nothing is due and nothing is under way: at this moment of the clock no more will happen.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _underWay == 0
                    && !(_items.TryPeek(out _, out var priority) && priority.DueAt <= _clock.GetUtcNow());
            }
        }
    }

    /// <summary>A work that <see cref="NextAsync"/> gave out has ended.</summary>
    public void End()
    {
        lock (_gate)
        {
            _underWay--;
        }
    }

    public void Add(TimeSpan after, Func<CancellationToken, Task> work)
    {
        lock (_gate)
        {
            // The turn keeps works due at the same instant in the order they were added.
            _items.Enqueue(work, (_clock.GetUtcNow() + after, _turn++));
        }

        Wake();
    }

    /// <summary>The next work that is due, waiting for it as long as it takes.</summary>
    public async Task<Func<CancellationToken, Task>> NextAsync(CancellationToken stopping)
    {
        while (true)
        {
            // The clock moves at the pace of real time between wake-ups, and every jump wakes; the minute is only
            // a bound on the wait.
            var wait = TimeSpan.FromMinutes(1);
            lock (_gate)
            {
                if (_items.TryPeek(out var work, out var priority))
                {
                    var left = priority.DueAt - _clock.GetUtcNow();
                    if (left <= TimeSpan.Zero)
                    {
                        _items.Dequeue();
                        _underWay++;
                        return work;
                    }

                    // A wait is cut to whole milliseconds; without one more the last one would be spent spinning.
                    left += TimeSpan.FromMilliseconds(1);
                    wait = left < wait ? left : wait;
                }
            }

            await _changed.WaitAsync(wait, stopping);
        }
    }

    public void Dispose()
    {
        _clock.Moved -= Wake;
        _changed.Dispose();
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }
}
