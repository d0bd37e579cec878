package io.taskbroker.adapters.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The same metrics as Prometheus reads them: names with underscores, totals since the start. */
final class PrometheusPage {
  private static final HelpTexts HELP = HelpTexts.load();

  private final Meters meters;
  private final Tags everywhere;

  PrometheusPage(Meters meters, Tags everywhere) {
    this.meters = meters;
    this.everywhere = everywhere;
  }

  MetricSnapshots collect() {
    var metrics = new Collected();
    for (Series series : meters.all()) {
      switch (series) {
        case Counter counter -> metrics.add(counter);
        case Gauge gauge -> {
          if (!Double.isNaN(gauge.value())) {
            metrics.gauge(gauge.name(), gauge.value(), gauge.tags());
          }
        }
        case Histogram histogram -> metrics.add(histogram);
      }
    }
    meters.ask(metrics);
    return metrics.snapshots();
  }

  private static String nameOf(String name) {
    return "taskbroker_" + name.replaceAll("[^A-Za-z0-9_]", "_");
  }

  private Labels labels(Tags tags) {
    Map<String, String> labels = new TreeMap<>();
    everywhere.byName().forEach((name, value) -> labels.put(labelOf(name), value));
    tags.byName().forEach((name, value) -> labels.put(labelOf(name), value));
    return Labels.of(
        labels.keySet().toArray(String[]::new), labels.values().toArray(String[]::new));
  }

  static String labelOf(String tag) {
    String label = tag.replaceAll("[^A-Za-z0-9_]", "_");
    return label.isEmpty() || Character.isDigit(label.charAt(0)) ? "_" + label : label;
  }

  /** What one scrape found, by the metric's name as DogStatsD has it. */
  private final class Collected implements StatsdSink {
    private final Map<String, List<CounterDataPointSnapshot>> counters = new TreeMap<>();
    private final Map<String, Map<Labels, Double>> gauges = new TreeMap<>();
    private final Map<String, List<HistogramDataPointSnapshot>> histograms = new TreeMap<>();

    void add(Counter counter) {
      counters
          .computeIfAbsent(counter.name(), _ -> new ArrayList<>())
          .add(
              CounterDataPointSnapshot.builder()
                  .labels(labels(counter.tags()))
                  .value((double) counter.total())
                  .build());
    }

    void add(Histogram histogram) {
      Histogram.Totals totals = histogram.totals();
      var buckets = ClassicHistogramBuckets.builder();
      double[] bounds = histogram.bounds();
      for (int i = 0; i < bounds.length; i++) {
        buckets.bucket(bounds[i], totals.buckets()[i]);
      }
      buckets.bucket(Double.POSITIVE_INFINITY, totals.buckets()[bounds.length]);
      histograms
          .computeIfAbsent(histogram.name(), _ -> new ArrayList<>())
          .add(
              HistogramDataPointSnapshot.builder()
                  .labels(labels(histogram.tags()))
                  .classicHistogramBuckets(buckets.build())
                  .sum(totals.sum())
                  .build());
    }

    @Override
    public void gauge(String name, double value, Tags tags) {
      gauges.computeIfAbsent(name, _ -> new TreeMap<>()).put(labels(tags), value);
    }

    @Override
    public void count(String name, long delta, Tags tags) {
      throw new UnsupportedOperationException("counters are series");
    }

    @Override
    public void histogram(String name, double value, long times, Tags tags) {
      throw new UnsupportedOperationException("histograms are series");
    }

    MetricSnapshots snapshots() {
      List<MetricSnapshot> all = new ArrayList<>();
      counters.forEach(
          (name, points) -> {
            var counter = CounterSnapshot.builder().name(nameOf(name)).help(HELP.of(name));
            points.forEach(counter::dataPoint);
            all.add(counter.build());
          });
      gauges.forEach(
          (name, points) -> {
            var gauge = GaugeSnapshot.builder().name(nameOf(name)).help(HELP.of(name));
            points.forEach(
                (labels, value) ->
                    gauge.dataPoint(
                        GaugeDataPointSnapshot.builder().labels(labels).value(value).build()));
            all.add(gauge.build());
          });
      histograms.forEach(
          (name, points) -> {
            var histogram = HistogramSnapshot.builder().name(nameOf(name)).help(HELP.of(name));
            points.forEach(histogram::dataPoint);
            all.add(histogram.build());
          });
      return new MetricSnapshots(all);
    }
  }
}
