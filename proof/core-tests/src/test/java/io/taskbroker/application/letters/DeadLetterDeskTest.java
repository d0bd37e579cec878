package io.taskbroker.application.letters;

import static io.taskbroker.testkit.Activations.pending;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.application.letters.DeadLetterLooks.Expected;
import io.taskbroker.application.letters.DeadLetterLooks.Group;
import io.taskbroker.application.letters.DeadLetterLooks.Page;
import io.taskbroker.application.letters.DeadLetterLooks.Place;
import io.taskbroker.application.letters.RunNote.Kind;
import io.taskbroker.application.letters.RunNote.Status;
import io.taskbroker.application.operations.AuditEntry;
import io.taskbroker.application.operations.Order;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.PlainLetters;
import io.taskbroker.testkit.broker.PlainTask;
import io.taskbroker.testkit.topics.InMemoryDeadLetters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadLetterDeskTest {
  private static final Order ANN = new Order("ann", "the bank is back");
  private static final int FAST = DeadLetterDesk.HIGHEST_RATE;

  /** Two hundred take longer than any test waits. */
  private static final int SLOW = 1;

  private static final String SENT = "elsewhere";

  private final BrokerFixture broker = BrokerFixture.start();
  private final InMemoryDeadLetters.Shelf shelf = new InMemoryDeadLetters.Shelf();
  private final List<DeadLetterDesk> desks = new ArrayList<>();
  private final DeadLetterDesk desk = desk();

  @AfterEach
  void close() {
    desks.forEach(DeadLetterDesk::close);
    broker.close();
  }

  /** As another broker, or another process, has it. */
  private DeadLetterDesk desk() {
    DeadLetterDesk one =
        new DeadLetterDesk(
            new InMemoryDeadLetters(broker.topics(), BrokerFixture.DEAD_LETTERS, shelf),
            new Resending(
                BrokerFixture.DEAD_LETTERS, Map.of("source", SENT), SENT, new PlainLetters()),
            broker.broker().operations(),
            broker.time(),
            SystemThreads.INSTANCE);
    desks.add(one);
    return one;
  }

  private void letter(String id, String taskname, String error) {
    letter(id, taskname, error, "source");
  }

  private void letter(String id, String taskname, String error, String source) {
    NewActivation task = pending(id).application("shop").taskname(taskname).arriving();
    broker
        .topics()
        .append(
            BrokerFixture.DEAD_LETTERS,
            null,
            PlainTask.of(task.activation(), task.payload()).encode(),
            List.of(
                header(DeadLetterHeaders.REASON, "a worker reported that it failed"),
                header(DeadLetterHeaders.LAST_ERROR, error),
                header(DeadLetterHeaders.SOURCE_TOPIC, source)));
  }

  private static Header header(String name, String text) {
    return new Header(name, text.getBytes(UTF_8));
  }

  private void letters(int many) {
    IntStream.range(0, many).forEach(i -> letter("id-" + i, "mail", "timeout after " + i + " s"));
  }

  private static LetterFilter task(String name) {
    return new LetterFilter(null, null, name, null, List.of());
  }

  private void awaitStatus(DeadLetterDesk asked, Status status) {
    broker.await(
        "a run that is " + status,
        () -> asked.run().filter(note -> note.status() == status).isPresent());
  }

  private List<PlainTask> sent() {
    return broker.tasksIn(SENT);
  }

  @Test
  void lettersThatFailedAlike_areAGroup_whateverNumbersAreInTheirErrors() {
    letters(3);
    letter("p", "pay", "refused");
    broker.topics().append(BrokerFixture.DEAD_LETTERS, null, new byte[] {1}, List.of());

    DeadLetterLooks.Groups groups = desk.looks().groups();

    assertThat(groups.open()).isEqualTo(5);
    assertThat(groups.groups().getFirst())
        .satisfies(
            group -> {
              assertThat(Objects.requireNonNull(group.names()).taskname()).isEqualTo("mail");
              assertThat(group.cause()).isEqualTo("timeout after # s");
            });
    assertThat(groups.groups())
        .extracting(Group::cause, Group::open, Group::sendable)
        .containsExactlyInAnyOrder(
            tuple("timeout after # s", 3, 3),
            tuple("refused", 1, 1),
            tuple("its headers do not say why", 1, 0));
  }

  @Test
  void letters_areListedByPages_theNewestFirst() {
    for (int i = 0; i < 5; i++) {
      broker.time().advance(Duration.ofSeconds(1));
      letter("id-" + i, "mail", "x");
    }
    List<String> ids = new ArrayList<>();
    Place after = null;
    do {
      Page page = desk.looks().page(LetterFilter.ANY, false, after, 2);
      page.letters().forEach(one -> ids.add(Objects.requireNonNull(one.names()).id()));
      DeadLetter last = page.after();
      after = last == null ? null : new Place(last.timeMs(), last.at());
    } while (after != null);

    assertThat(ids).containsExactly("id-4", "id-3", "id-2", "id-1", "id-0");
    assertThat(desk.looks().page(task("pay"), false, null, 10).letters()).isEmpty();
  }

  @Test
  void aRequeuedLetter_isAFreshTask_thatSaysWhereItComesFrom() {
    letter("a", "mail", "timeout");
    LetterPosition at =
        desk.looks().page(LetterFilter.ANY, false, null, 1).letters().getFirst().at();
    String newId = desk.looks().find(at).orElseThrow().newId();
    broker.time().advance(Duration.ofMinutes(5));

    desk.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, FAST, 0);
    awaitStatus(desk, Status.DONE);

    SourceRecord record = broker.topics().records(SENT).getFirst();
    assertThat(record.headers())
        .extracting(Header::name)
        .containsExactly(DeadLetterHeaders.REQUEUED_FROM);
    PlainTask task = sent().getFirst();
    assertThat(task.id()).isEqualTo(newId).isNotEqualTo("a");
    assertThat(task.receivedAtMs()).isEqualTo(broker.time().now().wallMs());
    assertThat(desk.looks().page(LetterFilter.ANY, false, null, 10).letters()).isEmpty();
    assertThat(desk.looks().page(LetterFilter.ANY, true, null, 10).letters()).hasSize(1);
    assertThat(desk.looks().find(at).orElseThrow().handled()).isTrue();
    assertThat(broker.broker().operations().audit())
        .extracting(AuditEntry::actor, AuditEntry::order)
        .containsExactly(tuple("ann", "requeue dead letters (all) at 100000 a second"));
  }

  @Test
  void aChosenLetter_isExpectedWithItsNewId_onceItIsHandledNothingIs() {
    letter("a", "mail", "timeout");
    LetterPosition at =
        desk.looks().page(LetterFilter.ANY, false, null, 1).letters().getFirst().at();
    LetterFilter chosen = new LetterFilter(null, null, null, null, List.of(at));
    String newId = desk.looks().find(at).orElseThrow().newId();

    assertThat(desk.looks().expected(Kind.REQUEUE, chosen))
        .isEqualTo(new Expected(1, 0, 0, Map.of(at, newId)));
    assertThat(desk.looks().expected(Kind.DROP, chosen).newIds()).isEmpty();
    assertThat(desk.looks().expected(Kind.DROP, chosen).isNothing()).isFalse();
    desk.begin(ANN, Kind.REQUEUE, chosen, FAST, 0);
    awaitStatus(desk, Status.DONE);
    assertThat(desk.looks().expected(Kind.REQUEUE, chosen).isNothing()).isTrue();
  }

  @Test
  void onlyThoseThatMatch_areSent_andOfThoseNoMoreThanWereAskedFor() {
    letters(10);
    letter("p", "pay", "refused");

    assertThat(desk.looks().expected(Kind.REQUEUE, task("mail")))
        .isEqualTo(new Expected(10, 0, 0, Map.of()));
    desk.begin(ANN, Kind.REQUEUE, task("mail"), FAST, 1);
    awaitStatus(desk, Status.DONE);
    assertThat(sent()).hasSize(1);

    desk.begin(ANN, Kind.REQUEUE, task("mail"), FAST, 0);
    awaitStatus(desk, Status.DONE);
    assertThat(sent()).hasSize(10).extracting(PlainTask::taskname).containsOnly("mail");
    assertThat(desk.looks().expected(Kind.REQUEUE, task("mail")).open()).isZero();
  }

  @Test
  void whatCannotBeSent_staysOpen_andIsSaid() {
    letter("a", "mail", "x");
    letter("b", "mail", "x", "unknown");
    broker.topics().append(BrokerFixture.DEAD_LETTERS, null, new byte[] {1}, List.of());
    assertThat(desk.looks().expected(Kind.REQUEUE, LetterFilter.ANY))
        .isEqualTo(new Expected(3, 2, 0, Map.of()));

    desk.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, FAST, 0);
    awaitStatus(desk, Status.DONE);

    RunNote note = desk.run().orElseThrow();
    assertThat(note.handled()).isEqualTo(1);
    assertThat(note.refused()).isEqualTo(2);
    assertThat(note.words()).contains("cannot be sent again");
    assertThat(desk.looks().groups().open()).isEqualTo(2);
  }

  @Test
  void droppedLetters_areHandled_andNothingIsSent() {
    letters(3);
    LetterPosition at =
        desk.looks().page(LetterFilter.ANY, false, null, 1).letters().getFirst().at();

    desk.begin(ANN, Kind.DROP, new LetterFilter(null, null, null, null, List.of(at)), FAST, 0);
    awaitStatus(desk, Status.DONE);

    assertThat(desk.looks().groups().open()).isEqualTo(2);
    assertThat(desk.looks().find(at).orElseThrow().handled()).isTrue();
    assertThat(sent()).isEmpty();
  }

  @Test
  void aRun_isNoFasterThanItsRate() {
    letters(30);
    long began = SystemThreads.INSTANCE.nanos();

    desk.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, 100, 0);
    awaitStatus(desk, Status.DONE);

    assertThat(Duration.ofNanos(SystemThreads.INSTANCE.nanos() - began))
        .isGreaterThan(Duration.ofMillis(190));
    assertThat(sent()).hasSize(30);
  }

  @Test
  void aStoppedRun_goesOnWhereItWas_andSendsEachOnce() {
    letters(200);
    desk.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, SLOW, 0);
    broker.await("the first", () -> !sent().isEmpty());

    assertThatThrownBy(() -> desk.begin(ANN, Kind.DROP, LetterFilter.ANY, 1, 0))
        .isInstanceOf(LetterException.Conflict.class)
        .hasMessageContaining("A run is under way");
    desk.stop(ANN);
    awaitStatus(desk, Status.STOPPED);
    RunNote stopped = desk.run().orElseThrow();
    assertThat(stopped.handled()).isBetween(1L, 199L);
    assertThat(sent()).hasSize((int) stopped.handled());

    letter("late", "mail", "came after the order");
    desk.resume(ANN);
    desk.stop(ANN);
    awaitStatus(desk, Status.STOPPED);
    DeadLetterDesk other = desk(); // a broker that goes on with it
    assertThat(other.run())
        .hasValueSatisfying(note -> assertThat(note.status()).isEqualTo(Status.STOPPED));
    other.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, FAST, 0);
    awaitStatus(other, Status.DONE);

    assertThat(sent()).hasSize(201);
    assertThat(sent().stream().map(PlainTask::id).distinct()).hasSize(201);
  }

  @Test
  void aRunOfABrokerThatIsGone_isTakenOver_andEndsThere() {
    letters(200);
    desk.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, SLOW, 0);
    broker.await("the first", () -> !sent().isEmpty());
    DeadLetterDesk other = desk();
    assertThatThrownBy(() -> other.begin(ANN, Kind.DROP, LetterFilter.ANY, 1, 0))
        .isInstanceOf(LetterException.Conflict.class);

    other.resume(ANN); // at its rate
    awaitStatus(desk, Status.FAILED);
    assertThat(desk.run().orElseThrow().words()).contains("taken over");
    other.stop(ANN);
    awaitStatus(other, Status.STOPPED);
    other.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, FAST, 0);
    awaitStatus(other, Status.DONE);

    assertThat(sent().stream().map(PlainTask::id).distinct()).hasSize(200);
    assertThat(sent()).hasSize(200);
  }

  @Test
  void aNote_isReadAsItWasWritten() {
    RunNote note =
        new RunNote(
            Kind.REQUEUE,
            new LetterFilter("a=b", "c\nd\\n", null, "x\r", List.of(new LetterPosition(1, 2))),
            7,
            8,
            "ann",
            "",
            "id",
            Map.of(0, 5L),
            1,
            2,
            3,
            4,
            Status.STOPPED,
            "words");

    assertThat(RunNote.read(note.text())).contains(note);
    assertThat(RunNote.read("something else")).isEmpty();
    assertThat(RunNote.read(note.text().replace("rate=7", "rate=many"))).isEmpty();
  }
}
