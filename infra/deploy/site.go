package deploy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/alquimista-ai/nigredo/site"
)

// siteFile is a file of the site as it is put into the bucket.
type siteFile struct {
	site.Object
	sum     string
	content []byte
}

// manifest is what the bucket held for one release: each key and the version of the
// object. The bucket keeps old versions, so that a rollback copies and uploads nothing.
type manifest map[string]string

// manifests is the folder of manifests in the bucket.
const manifests = ".releases/"

func manifestKey(release string) string { return manifests + release + ".json" }

// siteFiles gives the files of the build in the order in which they go up: assets
// first, pages last, so that no page names what is not there. CloudFront compresses.
func (s *Session) siteFiles() ([]siteFile, error) {
	var files []siteFile
	err := fs.WalkDir(s.Site, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
			return err
		}
		object, err := site.ObjectOf(name)
		if err != nil {
			return err
		}
		content, err := fs.ReadFile(s.Site, name)
		// What CloudFront is told of a file is a part of it.
		sum := sha256.Sum256(append(fmt.Append(nil, object), content...))
		files = append(files, siteFile{object, hex.EncodeToString(sum[:]), content})
		return err
	})
	if err != nil || len(files) == 0 {
		return nil, refuse("the site is not built: run make synth ENV=%s (%v)", s.Config.Environment, err)
	}
	rank := func(f siteFile) int {
		switch {
		case strings.HasPrefix(f.Key, "assets/"):
			return 0
		case path.Ext(f.Key) != ".html":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(files, func(a, b siteFile) int { return rank(a) - rank(b) })
	return files, nil
}

// site uploads the files, deploys the site's stack and makes CloudFront forget the old
// pages. The stack knows the routes: a page that is new goes up before it, so that no
// route leads nowhere, and one that was there already after it, so that it has the
// headers it was built for.
func (r release) site(ctx context.Context) error {
	files, err := r.siteFiles()
	if err != nil {
		return err
	}
	m := manifest{}
	there, bucket, err := r.served(ctx)
	if err != nil {
		return err
	}
	isNew := func(f siteFile) bool { _, old := there[f.Key]; return !old }
	if bucket != "" {
		if err := r.upload(ctx, bucket, files, m, isNew); err != nil {
			return err
		}
	}
	r.tell("  %s", r.Config.FrontendStack())
	if err := r.Tools.Deploy(ctx, r.Assembly, r.Config.FrontendStack()); err != nil {
		return fmt.Errorf("deploy stack %s: %w", r.Config.FrontendStack(), err)
	}
	out, err := r.outputs(ctx, r.Config.FrontendStack(), "SiteBucket", "DistributionId")
	if err != nil {
		return err
	}
	bucket = out["SiteBucket"]
	if err := r.upload(ctx, bucket, files, m, func(f siteFile) bool { return m[f.Key] == "" }); err != nil {
		return err
	}
	encoded, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if _, err := r.Frontend.S3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String(manifestKey(r.j.Release)), Body: bytes.NewReader(encoded), ContentType: aws.String("application/json"),
	}); err != nil {
		return fmt.Errorf("upload the manifest of %s: %w", r.j.Release, err)
	}
	if err := r.prune(ctx, bucket, m); err != nil {
		return err
	}
	if err := r.recordSite(ctx); err != nil {
		return err
	}
	return r.invalidate(ctx, out["DistributionId"], r.j.Release+"-"+r.j.Started.Format("20060102T150405"))
}

// served gives what the live release has in the bucket, and the bucket; nothing while
// there is no site.
func (s *Session) served(ctx context.Context) (manifest, string, error) {
	found, err := s.describe(ctx, s.Config.FrontendStack())
	if err != nil || found == nil {
		return nil, "", err
	}
	live, err := s.live(ctx)
	if err != nil || live == nil || live.Sitemap == "" {
		return nil, "", err
	}
	out, err := s.outputs(ctx, s.Config.FrontendStack(), "SiteBucket")
	if err != nil {
		return nil, "", err
	}
	m, err := s.readManifest(ctx, out["SiteBucket"], live.Sitemap)
	if code(err) == "NoSuchKey" { // the bucket is another one: nothing of it is served
		return nil, "", nil
	}
	return m, out["SiteBucket"], err
}

// upload puts the files that are wanted into the bucket and their versions into the
// manifest.
func (s *Session) upload(ctx context.Context, bucket string, files []siteFile, m manifest, wanted func(siteFile) bool) error {
	for _, f := range files {
		if !wanted(f) {
			continue
		}
		put, err := s.Frontend.S3.PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String(bucket), Key: aws.String(f.Key), Body: bytes.NewReader(f.content),
			ContentType: aws.String(f.ContentType), CacheControl: aws.String(f.CacheControl), Metadata: f.Metadata,
		})
		if err != nil {
			return fmt.Errorf("upload %s: %w", f.Key, err)
		}
		if m[f.Key] = aws.ToString(put.VersionId); m[f.Key] == "" {
			return fmt.Errorf("upload %s: the bucket %s keeps no versions, without which nothing can be rolled back", f.Key, bucket)
		}
	}
	return nil
}

func (r release) recordSite(ctx context.Context) error {
	now, err := r.live(ctx)
	if err != nil {
		return err
	}
	if now == nil {
		return errors.New("no backend is recorded as live: deploy everything first")
	}
	if now.Name != r.j.Release { // the site alone
		before := *now
		now.Name, now.At = r.j.Release, r.Now().UTC()
		succeed(now, &before)
	}
	now.Sitemap = r.j.Release
	return r.makeLive(ctx, now)
}

// prune takes away pages that are no more. Assets stay: a page that somebody has
// open, or that a rollback brings back, names them.
func (s *Session) prune(ctx context.Context, bucket string, m manifest) error {
	pages := s3.NewListObjectsV2Paginator(s.Frontend.S3, &s3.ListObjectsV2Input{Bucket: aws.String(bucket)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list %s: %w", bucket, err)
		}
		for _, object := range page.Contents {
			key := aws.ToString(object.Key)
			if _, kept := m[key]; kept || strings.HasPrefix(key, "assets/") || strings.HasPrefix(key, manifests) {
				continue
			}
			if _, err := s.Frontend.S3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: object.Key}); err != nil {
				return fmt.Errorf("delete %s: %w", key, err)
			}
		}
	}
	return nil
}

// invalidate makes CloudFront forget every path (S2.45) and waits until it has. The
// same reference is the same invalidation.
func (s *Session) invalidate(ctx context.Context, distribution, reference string) error {
	made, err := s.Frontend.CloudFront.CreateInvalidation(ctx, &cloudfront.CreateInvalidationInput{
		DistributionId: aws.String(distribution),
		InvalidationBatch: &types.InvalidationBatch{
			CallerReference: aws.String(reference), Paths: &types.Paths{Quantity: aws.Int32(1), Items: []string{"/*"}},
		},
	})
	if err != nil {
		return fmt.Errorf("invalidate %s: %w", distribution, err)
	}
	id := made.Invalidation.Id
	return s.await(ctx, 10*time.Second, 90, "invalidation "+aws.ToString(id), func(ctx context.Context) (bool, error) {
		out, err := s.Frontend.CloudFront.GetInvalidation(ctx, &cloudfront.GetInvalidationInput{DistributionId: aws.String(distribution), Id: id})
		if err != nil {
			return false, fmt.Errorf("read invalidation: %w", err)
		}
		return aws.ToString(out.Invalidation.Status) == "Completed", nil
	})
}

// readManifest reads what the bucket held for a release.
func (s *Session) readManifest(ctx context.Context, bucket, release string) (manifest, error) {
	out, err := s.Frontend.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(manifestKey(release))})
	if err != nil {
		return nil, fmt.Errorf("read the manifest of %s: %w", release, err)
	}
	defer out.Body.Close() //nolint:errcheck // read below
	raw, err := io.ReadAll(out.Body)
	if err != nil {
		return nil, fmt.Errorf("read the manifest of %s: %w", release, err)
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("read the manifest of %s: %w", release, err)
	}
	return m, nil
}

// restoreSite copies the versions of a manifest over what is there, pages last. Pages
// that the release did not have stay: CloudFront's routes, a part of the template, lead
// to them still. S3 keeps a version for 90 days after the next one.
func (s *Session) restoreSite(ctx context.Context, release string) error {
	out, err := s.outputs(ctx, s.Config.FrontendStack(), "SiteBucket", "DistributionId")
	if err != nil {
		return err
	}
	bucket := out["SiteBucket"]
	m, err := s.readManifest(ctx, bucket, release)
	if err != nil {
		return err
	}
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		pageA, pageB := path.Ext(a) == ".html", path.Ext(b) == ".html"
		switch {
		case pageA == pageB:
			return strings.Compare(a, b)
		case pageA:
			return 1
		}
		return -1
	})
	for _, key := range keys {
		source := "/" + bucket + "/" + (&url.URL{Path: key}).EscapedPath() + "?versionId=" + url.QueryEscape(m[key])
		if _, err := s.Frontend.S3.CopyObject(ctx, &s3.CopyObjectInput{
			Bucket: aws.String(bucket), Key: aws.String(key), CopySource: aws.String(source), MetadataDirective: s3types.MetadataDirectiveCopy,
		}); err != nil {
			return fmt.Errorf("restore %s: %w", key, err)
		}
	}
	return s.invalidate(ctx, out["DistributionId"], "rollback-"+release+"-"+s.Now().UTC().Format("20060102T150405"))
}
