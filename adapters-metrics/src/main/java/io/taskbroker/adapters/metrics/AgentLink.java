package io.taskbroker.adapters.metrics;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to a StatsD agent. Its name is looked up again and again, since agents move; while nobody
 * can say where it is, the last address is used. For one thread at a time.
 */
final class AgentLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::metrics");

  /** With the 30 s for which the JDK keeps an answer, a new address is known within a minute. */
  static final Duration LOOK_UP_EVERY = Duration.ofSeconds(30);

  static final Duration LOOK_UP_WHILE_AWAY = Duration.ofSeconds(10);

  private final MetricsSettings.Agent wanted;
  private final Tags everywhere;
  private final TimeSource time;
  private final Function<MetricsSettings.Agent, InetSocketAddress> names;

  private @Nullable DogStatsd agent;
  private @Nullable InetSocketAddress address;
  private Moment lookUpAt;
  private boolean complained;

  AgentLink(MetricsSettings.Agent wanted, Tags everywhere, TimeSource time) {
    this(wanted, everywhere, time, one -> new InetSocketAddress(one.host(), one.port()));
  }

  /**
   * @param names give an unresolved address where nobody can say
   */
  AgentLink(
      MetricsSettings.Agent wanted,
      Tags everywhere,
      TimeSource time,
      Function<MetricsSettings.Agent, InetSocketAddress> names) {
    this.wanted = wanted;
    this.everywhere = everywhere;
    this.time = time;
    this.names = names;
    this.lookUpAt = time.now();
  }

  /** Where lines go now; null if nobody knows where the agent is. May wait for name servers. */
  @Nullable DogStatsd now() {
    Moment now = time.now();
    if (!now.isBefore(lookUpAt)) {
      lookUp();
      lookUpAt = now.plus(agent == null ? LOOK_UP_WHILE_AWAY : LOOK_UP_EVERY);
    }
    return agent;
  }

  private void lookUp() {
    InetSocketAddress found = names.apply(wanted);
    if (found.isUnresolved()) {
      complain();
    } else if (!found.equals(address)) {
      close();
      LOG.info("Metrics are sent to {} over UDP", found);
      address = found;
      agent = new DogStatsd(found, everywhere);
      complained = false;
    }
  }

  private void complain() {
    if (agent == null && !complained) {
      complained = true;
      LOG.warn(
          "Metrics are not sent: there is no host '{}' (statsd_addr). It is looked for again every"
              + " {} s; set statsd_addr to the agent's address",
          wanted.host(),
          LOOK_UP_WHILE_AWAY.toSeconds());
    }
  }

  /** Sends what it has been told. */
  @Override
  public void close() {
    DogStatsd last = agent;
    agent = null;
    if (last != null) {
      last.close();
    }
  }
}
