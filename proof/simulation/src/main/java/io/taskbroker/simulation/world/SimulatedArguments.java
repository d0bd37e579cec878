package io.taskbroker.simulation.world;

import io.taskbroker.application.rules.ArgumentReader;
import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.domain.rules.Wanted;
import java.util.Map;
import java.util.Optional;

/** Every task is called with one argument; selectors name one of the two that there are. */
final class SimulatedArguments implements ArgumentReader {
  private final Names names;

  SimulatedArguments(Names names) {
    this.names = names;
  }

  /** Tasks of this name that are called with {@link TaskSpec#ODD}. */
  static Selector selector(String taskname) {
    return new Selector(taskname, Map.of(0, new Value.Text(TaskSpec.ODD)), Map.of());
  }

  @Override
  public Optional<Arguments> read(byte[] payload, Wanted wanted) {
    String argument = TaskSpec.argumentOf(names.rootOf(payload));
    return Optional.of(
        new Arguments(
            wanted.positions().contains(0) ? Map.of(0, new Value.Text(argument)) : Map.of(),
            Map.of()));
  }
}
