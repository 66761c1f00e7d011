# ruby sign.rb KEY SALT PATH
require "openssl"

# Path with its signature in front. Key and salt as in IMGPROXY_KEY and IMGPROXY_SALT; path begins with a slash.
def sign_path(key, salt, path)
  digest = OpenSSL::HMAC.digest("sha256", [key].pack("H*"), [salt].pack("H*") + path.b)
  "/" + [digest].pack("m0").tr("+/", "-_").delete("=") + path
end

key, salt, path = ARGV
puts sign_path(key, salt, path)
