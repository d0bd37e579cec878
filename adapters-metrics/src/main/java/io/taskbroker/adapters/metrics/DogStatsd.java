package io.taskbroker.adapters.metrics;

import com.timgroup.statsd.NonBlockingStatsDClient;
import com.timgroup.statsd.NonBlockingStatsDClientBuilder;
import com.timgroup.statsd.StatsDClientException;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadFactory;

/**
 * Sends to an agent, over UDP, so whether there is one makes no difference. Used by one thread,
 * which waits when more is told than the network card takes.
 */
final class DogStatsd implements StatsdSink, AutoCloseable {
  private static final String PREFIX = "taskbroker";

  /**
   * What an Ethernet frame carries. The longest line fits: 130 bytes for the name, the value and
   * the names of tags, three values of {@link Tags#LONGEST}, and {@link
   * MetricsSettings#MOST_TAG_BYTES}.
   */
  static final int DATAGRAM_BYTES = 1_432;

  private static final int LINES_WAITING = 5_000;

  /** A line's rate has six digits: more values than this would be told too inexactly. */
  private static final long MOST_TIMES = 10_000;

  private final NonBlockingStatsDClient client;

  DogStatsd(InetSocketAddress agent, Tags everywhere) {
    this.client = new Builder(agent, everywhere).build();
  }

  /** The library's client, which we tell how many values a line stands for. */
  private static final class Weighted extends NonBlockingStatsDClient {
    Weighted(NonBlockingStatsDClientBuilder builder) {
      super(builder);
    }

    /** Nothing is thrown away here: the rate was not drawn, but counted. */
    @Override
    protected boolean isInvalidSample(double sampleRate) {
      return false;
    }
  }

  private static final class Builder extends NonBlockingStatsDClientBuilder {
    Builder(InetSocketAddress agent, Tags everywhere) {
      ThreadFactory threads = Thread.ofPlatform().daemon().name("statsd-", 0).factory();
      addressLookup(() -> agent);
      prefix(PREFIX);
      constantTags(everywhere.forStatsd());
      maxPacketSizeBytes(DATAGRAM_BYTES);
      queueSize(LINES_WAITING);
      blocking(true);
      threadFactory(threads);
      // What is summed up is told at once, and only what is in the specification.
      enableAggregation(false);
      enableTelemetry(false);
      originDetectionEnabled(false);
    }

    @Override
    public NonBlockingStatsDClient build() throws StatsDClientException {
      return new Weighted(resolve());
    }
  }

  @Override
  public void count(String name, long delta, Tags tags) {
    client.count(name, delta, tags.forStatsd());
  }

  @Override
  public void gauge(String name, double value, Tags tags) {
    client.gauge(name, value, tags.forStatsd());
  }

  @Override
  public void histogram(String name, double value, long times, Tags tags) {
    for (long left = times; left > 0; left -= MOST_TIMES) {
      if (left == 1) {
        client.histogram(name, value, tags.forStatsd());
      } else {
        client.histogram(name, value, 1.0 / Math.min(left, MOST_TIMES), tags.forStatsd());
      }
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
