package io.taskbroker.adapters.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.testkit.SettableTime;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AgentLinkTest {
  private static final InetSocketAddress NOWHERE = InetSocketAddress.createUnresolved("agent", 1);

  private final SettableTime time = new SettableTime();
  private InetSocketAddress found = NOWHERE;

  @Test
  @DisplayName("Ours: an agent that has moved behind its name is found again")
  void anAgentThatMoves_isFoundAgain() {
    try (Agent first = new Agent();
        Agent second = new Agent()) {
      try (AgentLink link = link()) {
        found = addressOf(first);
        tell(link, "before");

        found = addressOf(second);
        time.advance(Duration.ofSeconds(60));
        tell(link, "after");
      }

      assertThat(first.hear()).extracting(Agent.Line::name).containsExactly("before");
      assertThat(second.hear()).extracting(Agent.Line::name).containsExactly("after");
    }
  }

  @Test
  void whileNobodyCanSay_theLastAddressIsUsed() {
    try (Agent agent = new Agent()) {
      try (AgentLink link = link()) {
        found = addressOf(agent);
        tell(link, "before");

        found = NOWHERE;
        time.advance(Duration.ofSeconds(60));
        tell(link, "after");
      }

      assertThat(agent.hear()).extracting(Agent.Line::name).containsExactly("before", "after");
    }
  }

  @Test
  void anAgentThatIsNotThereYet_isLookedForAgain() {
    try (Agent agent = new Agent()) {
      try (AgentLink link = link()) {
        assertThat(link.now()).isNull();
        found = addressOf(agent);
        assertThat(link.now()).as("not at each call").isNull();

        time.advance(Duration.ofSeconds(10));
        tell(link, "now");
      }

      assertThat(agent.hear()).extracting(Agent.Line::name).containsExactly("now");
    }
  }

  private AgentLink link() {
    return new AgentLink(
        new MetricsSettings.Agent("agent", 1), new Tags(new TreeMap<>()), time, _ -> found);
  }

  private static InetSocketAddress addressOf(Agent agent) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), agent.port());
  }

  private static void tell(AgentLink link, String name) {
    DogStatsd agent = link.now();
    assertThat(agent).isNotNull();
    if (agent != null) {
      agent.count(name, 1, Tags.NONE);
    }
  }
}
