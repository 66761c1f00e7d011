// java Sign.java KEY SALT PATH (17 or newer)
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class Sign {
    /** Path with its signature in front. Key and salt as in IMGPROXY_KEY and IMGPROXY_SALT; path begins with a slash. */
    static String signPath(String key, String salt, String path) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(HexFormat.of().parseHex(key), "HmacSHA256"));
        mac.update(HexFormat.of().parseHex(salt));
        byte[] digest = mac.doFinal(path.getBytes(StandardCharsets.UTF_8));
        return "/" + Base64.getUrlEncoder().withoutPadding().encodeToString(digest) + path;
    }

    public static void main(String[] arguments) throws GeneralSecurityException {
        System.out.println(signPath(arguments[0], arguments[1], arguments[2]));
    }
}
