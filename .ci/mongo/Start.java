import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Serves the MongoDB wire protocol from memory on a free port of loopback, and
 *  writes the URI into the file named by its argument once it answers. */
public class Start {
    public static void main(String[] args) throws Exception {
        MongoServer server = new MongoServer(new MemoryBackend());
        server.bind("127.0.0.1", 0);
        String uri = "mongodb://127.0.0.1:" + server.getLocalAddress().getPort() + "/";
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        Path file = Path.of(args[0]), part = Path.of(args[0] + ".part");
        Files.writeString(part, uri);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        Thread.currentThread().join();
    }
}
