using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace PayoutService.Ops.Sessions;

/// <summary>Encrypts the keys of sessions before they are stored: who reads the database can make no session.</summary>
internal sealed class SessionKeyEncryption(byte[] key) : IXmlEncryptor
{
    private const string Name = "encryptedKey";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var bytes = new byte[AesGcm.NonceByteSizes.MaxSize + AesGcm.TagByteSizes.MaxSize + plain.Length];
        var (nonce, tag, cipher) = Parts(bytes);
        RandomNumberGenerator.Fill(nonce.Span);
        using var aes = new AesGcm(key, AesGcm.TagByteSizes.MaxSize);
        aes.Encrypt(nonce.Span, plain, cipher.Span, tag.Span);
        return new EncryptedXmlInfo(new XElement(Name, Convert.ToBase64String(bytes)), typeof(Decryption));
    }

    private XElement Decrypt(XElement encrypted)
    {
        var bytes = Convert.FromBase64String(encrypted.Value);
        var (nonce, tag, cipher) = Parts(bytes);
        var plain = new byte[cipher.Length];
        using var aes = new AesGcm(key, AesGcm.TagByteSizes.MaxSize);
        aes.Decrypt(nonce.Span, cipher.Span, tag.Span, plain);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }

    private static (Memory<byte> Nonce, Memory<byte> Tag, Memory<byte> Cipher) Parts(byte[] bytes)
    {
        var (nonce, tag) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        return (bytes.AsMemory(0, nonce), bytes.AsMemory(nonce, tag), bytes.AsMemory(nonce + tag));
    }

    /// <summary>ASP.NET makes it by its name, which stands beside what is encrypted.</summary>
    internal sealed class Decryption(IServiceProvider services) : IXmlDecryptor
    {
        public XElement Decrypt(XElement encryptedElement) =>
            services.GetRequiredService<SessionKeyEncryption>().Decrypt(encryptedElement);
    }
}
