package io.taskbroker.inflight;

import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.push.PushStore;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Subject.Event;
import io.taskbroker.inflight.engine.InflightEngine;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The owned store, as those see it who bring work to workers. */
final class OwnedDispatch implements DispatchStore, PushStore {
  private final CommandSender sender;
  private final TimeSource time;
  private final Writer writer;
  private final Messenger messenger;
  private final Predicate<Moment> mustNotSend;

  /**
   * @param messenger takes reports of tasks that are not here
   * @param mustNotSend whether nothing may be sent to workers at this time
   */
  OwnedDispatch(
      CommandSender sender,
      TimeSource time,
      Writer writer,
      Messenger messenger,
      Predicate<Moment> mustNotSend) {
    this.messenger = messenger;
    this.mustNotSend = mustNotSend;
    this.sender = sender;
    this.time = time;
    this.writer = writer;
  }

  @Override
  public CompletionStage<Optional<Delivered>> claim(ClaimFilter filter, Recipient recipient) {
    return sender
        .serve(new Commands.Serve(time.now(), null, filter, recipient, messenger))
        .thenApply(Concluded::next);
  }

  @Override
  public CompletionStage<Concluded> conclude(
      Report report, @Nullable ClaimFilter next, Recipient recipient) {
    Commands.Serve command = new Commands.Serve(time.now(), report, next, recipient, messenger);
    CompletionStage<Concluded> concluded = sender.serve(command);
    return messenger.hasOthers()
        ? concluded.thenCompose(here -> withElsewhere(here, command.leaving()))
        : concluded;
  }

  /** If the report could not be passed on, its worker gets nothing, and says it again. */
  private CompletionStage<Concluded> withElsewhere(
      Concluded here, @Nullable CompletionStage<Boolean> leaving) {
    if (leaving == null) {
      return CompletableFuture.completedStage(here);
    }
    return leaving
        .thenApply(known -> new Concluded(known, here.next()))
        .whenComplete(
            (_, failure) -> {
              if (failure != null) {
                here.next().ifPresent(next -> release(List.of(next.claim())));
              }
            });
  }

  @Override
  public CompletionStage<List<Boolean>> concludeAll(List<Report> reports) {
    CompletionStage<List<Boolean>> known =
        sender.serve(new Commands.ReportAll(time.now(), reports));
    return messenger.hasOthers()
        ? known.thenCompose(here -> messenger.leaveUnknown(reports, here))
        : known;
  }

  @Override
  public void release(Collection<Claim> claims) {
    sender.tell(
        claims.stream()
            .map(
                claim -> reachedNobody(claim, (engine, now) -> engine.claims().release(claim, now)))
            .toList());
  }

  @Override
  public void brokeOff(Claim claim, @Nullable String fault) {
    var _ =
        sender.tell(
            reachedNobody(claim, (engine, now) -> engine.claims().brokeOff(claim, fault, now)));
  }

  private Fact reachedNobody(Claim claim, BiPredicate<InflightEngine, Moment> decision) {
    Fact undelivered = sender.ofRow(Event.UNDELIVERED, claim, decision);
    messenger.orTell(undelivered, claim);
    return undelivered;
  }

  @Override
  public void drop(Claim claim) {
    var _ =
        sender.tell(sender.ofRow(Event.KILLED, claim, (engine, _) -> engine.claims().drop(claim)));
  }

  @Override
  public void leave(Recipient recipient) {
    var _ =
        sender.serve(
            StoreCall.OTHER,
            (_, _) -> {
              writer.leave(recipient);
              return true;
            });
  }

  @Override
  public void endWaits() {
    var _ =
        sender.serve(
            StoreCall.OTHER,
            (_, _) -> {
              writer.endWaits();
              return true;
            });
  }

  @Override
  public CompletionStage<List<Delivered>> claimForPush(
      String application, int limit, long maxBytes, Duration lease) {
    return sender.serve(
        new Commands.ClaimForPush(
            time.now(),
            (engine, now) ->
                engine.claims().claimForPush(application, limit, maxBytes, lease, now)));
  }

  @Override
  public CompletionStage<Boolean> sending(Claim claim) {
    return sender.serve(
        StoreCall.OTHER,
        (engine, now) -> !mustNotSend.test(now) && engine.claims().sending(claim, now));
  }

  @Override
  public void pushFailed(Claim claim, String reason) {
    var _ =
        sender.tell(
            sender.ofRow(
                Event.PUSH_FAILED,
                claim,
                (engine, _) -> engine.claims().pushFailed(claim, reason)));
  }

  @Override
  public CompletionStage<Boolean> accepted(Claim claim) {
    return sender.tell(
        sender.ofRow(Event.ACCEPTED, claim, (engine, now) -> engine.claims().accepted(claim, now)));
  }

  @Override
  public CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason) {
    return sender.tell(new Rejection(time.now(), claim, payload, reason));
  }

  @Override
  public boolean hasPending() {
    return writer.view().depths().pending() > 0;
  }

  @Override
  public Map<String, Integer> pendingByApplication() {
    Map<String, Integer> pending = new TreeMap<>();
    String last = null;
    SortedMap<String, Integer> piece;
    do {
      String after = last;
      piece =
          sender.ask(
              (engine, _) -> engine.readyByApplication(after, ApplicationDepths.NAMES_PER_TURN));
      pending.putAll(piece);
      last = piece.isEmpty() ? null : piece.lastKey();
    } while (piece.size() == ApplicationDepths.NAMES_PER_TURN);
    return pending;
  }
}
