package io.taskbroker.application.upkeep;

import io.taskbroker.application.Stalls;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.domain.Lane;

/** Says that a lane is stalled, and that it goes on. Used by the lane's thread. */
final class RelayStandstill {
  private final Lane lane;
  private final Stalls stalls;

  /** What was last said to be stalled; empty if nothing is. */
  private String said = "";

  RelayStandstill(Lane lane, Stalls stalls) {
    this.lane = lane;
    this.stalls = stalls;
  }

  void begin(String topic, Fate.NotNow obstacle) {
    String what = what(topic);
    if (!said.equals(what)) { // the rules may have named another topic
      end();
    }
    said = what;
    stalls.begin(
        what, obstacle.reason(), "The rows are kept and tried again. " + obstacle.remedy());
  }

  void end() {
    if (!said.isEmpty()) {
      stalls.end(said);
      said = "";
    }
  }

  private String what(String topic) {
    String name =
        switch (lane) {
          case RETRY -> "Publishing retries";
          case DEAD_LETTER -> "Publishing dead letters";
          case DEMOTION -> "Forwarding demoted activations";
        };
    return name + " to topic " + topic;
  }
}
