package io.taskbroker.adapters.http.admin;

import io.taskbroker.adapters.http.brokers.AllBrokers;
import io.taskbroker.adapters.http.brokers.Call;
import io.taskbroker.adapters.http.brokers.Call.Verb;
import io.taskbroker.adapters.http.brokers.Door;
import io.taskbroker.adapters.http.brokers.Reply;
import io.taskbroker.adapters.http.brokers.Together;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * This broker and the others that it knows, as one. What this one does not allow somebody is not
 * asked of the others, and what is asked says for whom. Safe for all threads.
 */
final class Everybody implements AutoCloseable {
  /** What follows is asked of each broker. */
  static final String PREFIX = "/api/v1/all/";

  private static final String BROKER = "broker";

  private final String own;

  /** Of this process; not a secret. */
  private final String asking = UUID.randomUUID().toString();

  private final AllBrokers all = new AllBrokers();
  private final SequencedMap<String, OtherBroker> others = new LinkedHashMap<>();

  Everybody(KnownBrokers known, TimeSource time) {
    this.own = known.own();
    known
        .others()
        .forEach(one -> others.put(one.name(), new OtherBroker(one, all.threads(), time)));
  }

  /** What of this path is asked of each broker; empty if it is about this one alone. */
  static Optional<String> withoutPrefix(String path) {
    return path.startsWith(PREFIX)
        ? Optional.of("/api/v1/" + path.substring(PREFIX.length()))
        : Optional.empty();
  }

  /** How long the same answer may be given to further callers before others are asked again. */
  Duration freshness() {
    return others.isEmpty() ? Duration.ZERO : Duration.ofSeconds(1);
  }

  /** Refuses what this process has sent itself, which would count and do everything twice. */
  void admitOthers(Request request) {
    if (asking.equals(request.getHeaders().get(OnBehalf.ASKING))) {
      throw new Refusal(
          HttpStatus.LOOP_DETECTED_508,
          "That is '%s' itself, the broker that asks. Give it the name in admin.name that it has in"
                  .formatted(own)
              + " admin.brokers");
    }
  }

  /**
   * Asks all of them, or the one that is said to be meant.
   *
   * @throws Refusal if nobody did it
   */
  Together ask(Endpoint endpoint, Actor actor, Fields said) {
    Map<String, Object> meant = new LinkedHashMap<>(said.all());
    String broker = said.text(BROKER);
    meant.remove(BROKER);
    Call call =
        new Call(
            HttpMethod.GET == endpoint.method() ? Verb.GET : Verb.POST, endpoint.path(), meant);
    Together answer;
    try {
      answer = all.ask(doors(broker, endpoint, actor, said, call), call);
    } catch (AllBrokers.UnknownCursor _) {
      throw said.wrong("after", "must be the 'next' or 'last' of an earlier answer");
    }
    if (!answer.isDone()) {
      throw new Refusal(answer.status(), answer.detail());
    }
    return answer;
  }

  private List<Door> doors(
      @Nullable String broker, Endpoint endpoint, Actor actor, Fields said, Call meant) {
    List<Door> doors = new ArrayList<>();
    doors.add(new Door(own, call -> here(endpoint, actor, said.in(call.said()))));
    Map<String, String> headers = OnBehalf.headers(actor, asking);
    others.forEach((name, other) -> doors.add(new Door(name, call -> other.ask(call, headers))));
    if (broker == null) {
      return meant.isAboutKafka() ? doors.subList(0, 1) : doors;
    }
    List<Door> named = doors.stream().filter(door -> door.broker().equals(broker)).toList();
    if (named.isEmpty()) {
      throw said.wrong(
          BROKER,
          "must be one of %s"
              .formatted(String.join(", ", doors.stream().map(Door::broker).toList())));
    }
    return named;
  }

  private static Reply here(Endpoint endpoint, Actor actor, Fields said) {
    try {
      Map<String, Object> body = new LinkedHashMap<>();
      if (endpoint.action().carryOut(actor, said) instanceof Map<?, ?> members) {
        members.forEach((name, value) -> body.put(String.valueOf(name), value));
      }
      return Reply.done(body);
    } catch (RuntimeException e) {
      Refusal refusal = Refusal.of(e).orElseThrow(() -> e);
      return Reply.refusal(refusal.status(), refusal.detail());
    }
  }

  /** Ends what is under way with others; from now on they do not answer. */
  void hangUp() {
    others.values().forEach(OtherBroker::close);
  }

  @Override
  public void close() {
    hangUp();
    all.close();
  }
}
