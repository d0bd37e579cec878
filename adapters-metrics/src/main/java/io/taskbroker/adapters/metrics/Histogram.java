package io.taskbroker.adapters.metrics;

import org.HdrHistogram.HistogramIterationValue;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * A distribution. Recording costs some ten nanoseconds and allocates nothing; readers see what was
 * recorded until the last flush. Safe for all threads.
 */
final class Histogram extends Series {
  private final Unit unit;
  private final Recorder recorder;
  private org.HdrHistogram.@Nullable Histogram interval;

  private final long[] buckets;
  private double sum;

  /**
   * @param digits significant decimal digits that are kept, 1 or 2; a second one costs memory
   */
  Histogram(String name, Tags tags, Unit unit, int digits) {
    super(name, tags);
    this.unit = unit;
    this.recorder = new Recorder(1, unit.largest, digits);
    this.buckets = new long[unit.bounds.length + 1];
  }

  void record(long value) {
    recorder.recordValue(Math.clamp(value, 0, unit.largest));
  }

  /** Records a duration; only if the unit is seconds. */
  void recordNanos(long nanos) {
    record(nanos / 1_000);
  }

  @Override
  synchronized void flush(StatsdSink sink) {
    org.HdrHistogram.Histogram latest = recorder.getIntervalHistogram(interval);
    interval = latest;
    if (latest.getTotalCount() == 0) {
      return;
    }
    for (HistogramIterationValue step : latest.recordedValues()) {
      long times = step.getCountAddedInThisIterationStep();
      double value = latest.medianEquivalentValue(step.getValueIteratedTo()) * unit.scale;
      sink.histogram(name(), value, times, tags());
      sum += value * times;
      buckets[bucketOf(value)] += times;
    }
  }

  private int bucketOf(double value) {
    int bucket = 0;
    while (bucket < unit.bounds.length && value > unit.bounds[bucket]) {
      bucket++;
    }
    return bucket;
  }

  double[] bounds() {
    return unit.bounds;
  }

  /** For each bucket how many values are in it, not counting those in lower ones. */
  synchronized Totals totals() {
    return new Totals(buckets.clone(), sum);
  }

  record Totals(long[] buckets, double sum) {}
}
