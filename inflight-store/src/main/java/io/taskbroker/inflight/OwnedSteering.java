package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.operations.SteeringStore;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.ParkedAct;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.Verdict;
import io.taskbroker.inflight.engine.Steering;
import java.util.List;
import java.util.Optional;

/** The owned store, as operators steer it. */
final class OwnedSteering implements SteeringStore {
  private final CommandSender sender;
  private final Runnable takeReports;

  /**
   * @param takeReports takes in what other brokers have left of workers' reports, and waits for it
   */
  OwnedSteering(CommandSender sender, Runnable takeReports) {
    this.sender = sender;
    this.takeReports = takeReports;
  }

  /** A report that was answered before the order counts, whichever broker has answered it. */
  @Override
  public List<Verdict> act(Act act, List<Long> keys) {
    takeReports.run();
    return sender.ask(
        new ActCommand(
            sender.now(), keys, (engine, key, now) -> engine.steering().act(act, key, now)));
  }

  @Override
  public List<Verdict> settle(ParkedAct act, List<Long> keys) {
    return sender.ask(
        new ActCommand(
            sender.now(), keys, (engine, key, now) -> engine.steering().settle(act, key, now)));
  }

  @Override
  public void pause(Pause pause) {
    boolean paused = sender.ask((engine, now) -> engine.steering().pause(pause, now));
    if (!paused) {
      throw new StoreException.Rejected(
          "There are %d pauses already; end some of them first".formatted(Steering.MOST_PAUSES));
    }
  }

  @Override
  public boolean resume(PauseTarget target) {
    boolean resumed = sender.ask((engine, now) -> engine.steering().resume(target, now));
    sender.askToRepeat(
        StoreCall.OTHER,
        Integer.MAX_VALUE,
        (engine, now, left) -> engine.steering().free(left, now));
    return resumed;
  }

  @Override
  public List<Pause> pauses() {
    return sender.ask((engine, now) -> engine.steering().pauses(now));
  }

  @Override
  public void drain(Drain drain) {
    var _ =
        sender.ask(
            (engine, _) -> {
              engine.steering().drain(drain);
              return true;
            });
  }

  @Override
  public boolean endDrain() {
    return sender.ask((engine, _) -> engine.steering().endDrain());
  }

  @Override
  public Optional<Drain> draining() {
    return sender.ask((engine, _) -> engine.steering().draining());
  }
}
