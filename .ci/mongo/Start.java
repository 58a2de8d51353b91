import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Serves the MongoDB wire protocol from memory, and writes the URI into the file
 *  named by its first argument once it answers: on a free port of loopback, or on
 *  the host and port of its other two. */
public class Start {
    /** The least that version 2 of the Go driver talks to; the server itself offers
     *  at most wire version 8, and speaks all that our stores use of 9. */
    static final MongoVersion VERSION = new MongoVersion() {
        @Override public List<Integer> getVersionArray() { return List.of(4, 4, 0); }
        @Override public int getWireVersion() { return 9; }
    };

    public static void main(String[] args) throws Exception {
        MemoryBackend backend = new MemoryBackend();
        backend.version(VERSION);
        MongoServer server = new MongoServer(backend);
        String host = args.length > 1 ? args[1] : "127.0.0.1";
        server.bind(host, args.length > 2 ? Integer.parseInt(args[2]) : 0);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        String uri = "mongodb://" + host + ":" + server.getLocalAddress().getPort() + "/";
        Path file = Path.of(args[0]);
        Path part = Path.of(args[0] + ".part");
        Files.writeString(part, uri);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        Thread.currentThread().join();
    }
}
