package io.taskbroker.application.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.domain.Partition;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.topics.DeadLetterTopicContract;
import io.taskbroker.testkit.topics.InMemoryDeadLetters;
import io.taskbroker.testkit.topics.InMemoryTopics;
import java.util.List;
import java.util.Objects;

class InMemoryDeadLettersTest extends DeadLetterTopicContract {
  private final InMemoryTopics topics = new InMemoryTopics(2, new SettableTime());
  private final InMemoryDeadLetters.Shelf shelf = new InMemoryDeadLetters.Shelf();

  @Override
  protected DeadLetterTopic open() {
    return new InMemoryDeadLetters(topics, "letters", shelf);
  }

  @Override
  protected void append(int partition, String text, Header... headers) {
    topics.append(new Partition("letters", partition), text.getBytes(UTF_8), List.of(headers));
  }

  @Override
  protected List<String> sent() {
    return topics.records(target()).stream()
        .map(record -> new String(Objects.requireNonNull(record.value()), UTF_8))
        .toList();
  }

  @Override
  protected String target() {
    return "target";
  }
}
