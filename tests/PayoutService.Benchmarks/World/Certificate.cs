using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PayoutService.Benchmarks.World;

/// <summary>Production takes only https between service and Pockyt, both ways: a certificate of this machine's own,
/// which both trust for the run.</summary>
internal sealed record Certificate(string File, string KeyFile)
{
    public static Certificate Make(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        var certificate = new Certificate(Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "key.pem"));
        System.IO.File.WriteAllText(certificate.File, made.ExportCertificatePem());
        System.IO.File.WriteAllText(certificate.KeyFile, key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    /// <summary>What a process must be told to show the certificate and to trust it.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["Kestrel__Certificates__Default__Path"] = File,
        ["Kestrel__Certificates__Default__KeyPath"] = KeyFile,
        ["SSL_CERT_FILE"] = File,
    };
}
