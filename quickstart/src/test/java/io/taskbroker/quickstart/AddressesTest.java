package io.taskbroker.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AddressesTest {
  @TempDir Path folder;

  @Test
  void whatAServerWrites_isReadBack_untilItEnds() {
    var addresses = new Addresses("k:1", "tasks", "b:2", "http://d:3");
    addresses.write(folder);

    assertThat(Addresses.read(folder)).isEqualTo(addresses);

    Addresses.remove(folder);
    assertThatThrownBy(() -> Addresses.read(folder))
        .hasMessageContaining("no development server runs in " + folder)
        .hasMessageContaining("./taskbroker dev --quiet");
  }

  @Test
  void aFileThatSaysTooLittle_isRefused() throws IOException {
    Files.writeString(folder.resolve("dev.properties"), "kafka=k:1\n");

    assertThatThrownBy(() -> Addresses.read(folder)).hasMessageContaining("does not say 'topic'");
  }
}
