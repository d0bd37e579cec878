package io.taskbroker.adapters.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The page that Prometheus reads, made anew whenever it is asked for. Safe for all threads. */
public final class MetricsPage {
  /** What {@link #text} is. */
  public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private static final PrometheusTextFormatWriter WRITER = PrometheusTextFormatWriter.create();

  private final PrometheusPage page;

  MetricsPage(PrometheusPage page) {
    this.page = page;
  }

  /** All metrics as they are now, in Prometheus' text format: some MB if there are many series. */
  public byte[] text() {
    var out = new ByteArrayOutputStream();
    try {
      WRITER.write(out, page.collect(), EscapingScheme.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does no I/O", e);
    }
    return out.toByteArray();
  }
}
