package io.taskbroker.adapters.kafka.unpack;

import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.NodeApiVersions;
import org.jspecify.annotations.Nullable;

/**
 * Which requests each node of Kafka understands, as the connections have heard it.
 *
 * <p>A consumer that is given its connections makes a list of its own, which nobody fills. It asks
 * that list before it checks a position against a new leader, and does not fetch until it has
 * checked. So what is heard here is told to that list, too. May be used by several threads.
 */
final class NodeVersions extends ApiVersions {
  private @Nullable ApiVersions consumers;

  /**
   * From now on this list of the consumer is kept equal.
   *
   * @param node whose versions the consumer is about to ask for
   */
  synchronized void tell(ApiVersions consumers, String node) {
    this.consumers = consumers;
    NodeApiVersions known = get(node);
    if (known != null) {
      consumers.update(node, known);
    }
  }

  @Override
  public synchronized void update(String node, NodeApiVersions versions) {
    super.update(node, versions);
    if (consumers != null) {
      consumers.update(node, versions);
    }
  }

  @Override
  public synchronized void remove(String node) {
    super.remove(node);
    if (consumers != null) {
      consumers.remove(node);
    }
  }
}
